using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Cluster;

/// <summary>A part of the section <c>Cluster</c>, which matters only on PostgreSQL.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

    /// <summary>
    /// The number of seconds after which the other instances take over from one that is silent. Every instance renews its lease three
    /// times as often. A database that is away for longer ends the leases of all; they go on when it is back.
    /// </summary>
    /// <value>2 to 600</value>
    [Range(2, 600)]
    public int LeaseSeconds { get; set; } = 10;

    /// <summary>The length of a lease.</summary>
    internal TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>From one renewal to the next.</summary>
    internal TimeSpan RenewEvery => Lease * 0.3;

    /// <summary>The last part of a lease, in which its holder no longer trusts it: nothing it begins then could end in time.</summary>
    internal TimeSpan Margin => Lease * 0.1;
}
