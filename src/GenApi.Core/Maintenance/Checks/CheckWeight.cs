namespace GenApi.Core.Maintenance.Checks;

/// <summary>What a finding of a check asks for.</summary>
public enum CheckWeight
{
    /// <summary>Something is wrong; a repair, or the operator, has to mend it.</summary>
    Problem,

    /// <summary>The service mends it by itself: nothing has to be done.</summary>
    SelfMending,

    /// <summary>Worth knowing.</summary>
    Note,
}
