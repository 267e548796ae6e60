namespace GenApi.Core.Maintenance.Checks;

/// <summary>Whether a finding needs an action.</summary>
public enum CheckWeight
{
    /// <summary>A repair or the operator has to fix it.</summary>
    Problem,

    /// <summary>The service repairs it itself; no action is needed.</summary>
    SelfMending,

    /// <summary>Information only.</summary>
    Note,
}
