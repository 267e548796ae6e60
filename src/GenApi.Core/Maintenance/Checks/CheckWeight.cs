namespace GenApi.Core.Maintenance.Checks;

/// <summary>The weight of a finding: an action, a repair by the service itself, or none.</summary>
public enum CheckWeight
{
    /// <summary>A repair or the operator has to fix it.</summary>
    Problem,

    /// <summary>The service repairs it itself; no action is needed.</summary>
    SelfMending,

    /// <summary>Information only.</summary>
    Note,
}
