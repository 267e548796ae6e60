using System.Data;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace GenApi.Core.Accounts;

/// <summary>
/// The record of an API key. The secret itself is stored nowhere: only its first characters and its SHA-256. A key is never deleted, and a
/// revoked key stays revoked.
/// </summary>
public sealed class ApiKey
{
    private ApiKey()
    {
    }

    public Guid Id { get; private init; }

    public string Name { get; private set; } = "";

    /// <summary>The first <see cref="KeySecret.PrefixLength"/> characters of the secret; unique.</summary>
    public string Prefix { get; private set; } = "";

    public KeyRights Rights { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>The key is refused from then on; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>The last saved use; see <see cref="KeyDetails.LastUsedAt"/>.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>Null: the limit for all keys applies; 0: no limit.</summary>
    public int? RequestsPerMinute { get; private set; }

    /// <inheritdoc cref="RequestsPerMinute"/>
    public int? GenerationsPerMinute { get; private set; }

    /// <summary>The key's own spending limits; where one is null, the default for every account applies.</summary>
    public BudgetLimits Budgets => new(DayBudgetMicros, MonthBudgetMicros, TotalBudgetMicros);

    internal long? DayBudgetMicros { get; private set; }

    internal long? MonthBudgetMicros { get; private set; }

    internal long? TotalBudgetMicros { get; private set; }

    /// <summary>The spending limits of each end user of the key; a limit that is null does not apply.</summary>
    public BudgetLimits EndUserBudgets => new(EndUserDayBudgetMicros, EndUserMonthBudgetMicros, EndUserTotalBudgetMicros);

    internal long? EndUserDayBudgetMicros { get; private set; }

    internal long? EndUserMonthBudgetMicros { get; private set; }

    internal long? EndUserTotalBudgetMicros { get; private set; }

    /// <summary>SHA-256 of the secret.</summary>
    internal byte[] Hash { get; private set; } = [];

    /// <summary>The salts from which the secrets that sign its webhooks are derived; no row holds the secrets themselves.</summary>
    internal WebhookSalts WebhookSalts { get; private set; } = WebhookSalts.Legacy;

    /// <summary>Grows with every change of any key, so that a change by another process is noticed.</summary>
    internal long Revision { get; private set; }

    public KeyTerms Terms => new(Name, Rights, ExpiresAt)
    {
        RequestsPerMinute = RequestsPerMinute,
        GenerationsPerMinute = GenerationsPerMinute,
        Budgets = Budgets,
        EndUserBudgets = EndUserBudgets,
    };

    internal static ApiKey Make(KeyTerms terms, string secret, DateTimeOffset now, long revision)
    {
        var key = new ApiKey { Id = Guid.CreateVersion7(now), CreatedAt = now, WebhookSalts = WebhookSalts.New() };
        key.Replace(secret, revision);
        key.Change(terms, revision);
        return key;
    }

    internal void Change(KeyTerms terms, long revision)
    {
        (Name, Rights, ExpiresAt) = (terms.Name, terms.Rights, terms.ExpiresAt);
        (RequestsPerMinute, GenerationsPerMinute) = (terms.RequestsPerMinute, terms.GenerationsPerMinute);
        (DayBudgetMicros, MonthBudgetMicros, TotalBudgetMicros) = terms.Budgets;
        (EndUserDayBudgetMicros, EndUserMonthBudgetMicros, EndUserTotalBudgetMicros) = terms.EndUserBudgets;
        Revision = revision;
    }

    /// <summary>Sets a new secret; the previous one is refused from now on.</summary>
    internal void Replace(string secret, long revision)
    {
        Prefix = secret[..KeySecret.PrefixLength];
        Hash = new byte[32];
        KeySecret.Hash(secret, Hash);
        Revision = revision;
    }

    /// <summary>Sets a new secret for its webhooks; earlier ones keep signing for a while.</summary>
    /// <exception cref="GenApiException">Conflict: too many of them still sign.</exception>
    internal void ReplaceWebhookSecret(DateTimeOffset now, long revision)
    {
        WebhookSalts = WebhookSalts.Rotate(now);
        Revision = revision;
    }

    internal void Revoke(DateTimeOffset now, long revision)
    {
        RevokedAt ??= now;
        Revision = revision;
    }

    /// <summary>
    /// The statements about its rows, which are all read at each start. A test compares the columns with <see cref="Mapping"/>.
    /// </summary>
    internal static RowTable<ApiKey> Rows { get; } = new(
        "ApiKeys", number: null, Read, identity: null,
        [
            new("Id", DbType.Guid, static row => row.Id),
            new("Name", DbType.String, static row => row.Name),
            new("Prefix", DbType.String, static row => row.Prefix),
            new("Rights", DbType.Int32, static row => (int)row.Rights),
            new("CreatedAt", DbType.Int64, static row => row.CreatedAt.UtcTicks),
            new("ExpiresAt", DbType.Int64, static row => row.ExpiresAt?.UtcTicks),
            new("RevokedAt", DbType.Int64, static row => row.RevokedAt?.UtcTicks),
            new("LastUsedAt", DbType.Int64, static row => row.LastUsedAt?.UtcTicks),
            new("RequestsPerMinute", DbType.Int32, static row => row.RequestsPerMinute),
            new("GenerationsPerMinute", DbType.Int32, static row => row.GenerationsPerMinute),
            new("DayBudgetMicros", DbType.Int64, static row => row.DayBudgetMicros),
            new("MonthBudgetMicros", DbType.Int64, static row => row.MonthBudgetMicros),
            new("TotalBudgetMicros", DbType.Int64, static row => row.TotalBudgetMicros),
            new("EndUserDayBudgetMicros", DbType.Int64, static row => row.EndUserDayBudgetMicros),
            new("EndUserMonthBudgetMicros", DbType.Int64, static row => row.EndUserMonthBudgetMicros),
            new("EndUserTotalBudgetMicros", DbType.Int64, static row => row.EndUserTotalBudgetMicros),
            new("Hash", DbType.Binary, static row => row.Hash),
            new("WebhookSalts", DbType.String, static row => row.WebhookSalts.ToText()),
            new("Revision", DbType.Int64, static row => row.Revision),
        ]);

    /// <summary>Reads a row in the order of <see cref="Rows"/>.</summary>
    private static ApiKey Read(RowReader row) => new()
    {
        Id = row.Id(),
        Name = row.Text(),
        Prefix = row.Text(),
        Rights = (KeyRights)row.Int(),
        CreatedAt = row.Time(),
        ExpiresAt = row.TimeOrNull(),
        RevokedAt = row.TimeOrNull(),
        LastUsedAt = row.TimeOrNull(),
        RequestsPerMinute = row.IntOrNull(),
        GenerationsPerMinute = row.IntOrNull(),
        DayBudgetMicros = row.LongOrNull(),
        MonthBudgetMicros = row.LongOrNull(),
        TotalBudgetMicros = row.LongOrNull(),
        EndUserDayBudgetMicros = row.LongOrNull(),
        EndUserMonthBudgetMicros = row.LongOrNull(),
        EndUserTotalBudgetMicros = row.LongOrNull(),
        Hash = row.Bytes(),
        WebhookSalts = WebhookSalts.Parse(row.Text()),
        Revision = row.Long(),
    };

    private sealed class Mapping : IEntityTypeConfiguration<ApiKey>
    {
        public void Configure(EntityTypeBuilder<ApiKey> builder)
        {
            builder.ToTable("ApiKeys");
            builder.HasKey(key => key.Id);
            builder.Property(key => key.Id).ValueGeneratedNever();
            builder.Property(key => key.Name).HasMaxLength(KeyTerms.LongestName);
            builder.Property(key => key.Prefix).HasMaxLength(KeySecret.PrefixLength);
            builder.Property(key => key.Hash).HasMaxLength(32);
            builder.Property(key => key.WebhookSalts).HasConversion(salts => salts.ToText(), text => WebhookSalts.Parse(text));
            builder.Property(key => key.Revision);
            builder.Property(key => key.DayBudgetMicros);
            builder.Property(key => key.MonthBudgetMicros);
            builder.Property(key => key.TotalBudgetMicros);
            builder.Property(key => key.EndUserDayBudgetMicros);
            builder.Property(key => key.EndUserMonthBudgetMicros);
            builder.Property(key => key.EndUserTotalBudgetMicros);
            builder.Ignore(key => key.Terms);
            builder.Ignore(key => key.EndUserBudgets);
            builder.Ignore(key => key.Budgets);
            builder.HasIndex(key => key.Prefix).IsUnique();
            builder.HasIndex(key => key.Revision);
        }
    }
}

/// <summary>The terms that an administrator sets for a key.</summary>
/// <param name="Name">A name for people; 1 to <see cref="LongestName"/> characters.</param>
/// <param name="Rights">At least one.</param>
/// <param name="ExpiresAt">Null: never.</param>
public sealed record KeyTerms(string Name, KeyRights Rights, DateTimeOffset? ExpiresAt)
{
    public const int LongestName = 100;

    public const int MostPerMinute = 1_000_000;

    /// <inheritdoc cref="ApiKey.RequestsPerMinute"/>
    public int? RequestsPerMinute { get; init; }

    /// <inheritdoc cref="ApiKey.RequestsPerMinute"/>
    public int? GenerationsPerMinute { get; init; }

    public BudgetLimits Budgets { get; init; } = BudgetLimits.None;

    /// <inheritdoc cref="ApiKey.EndUserBudgets"/>
    public BudgetLimits EndUserBudgets { get; init; } = BudgetLimits.None;
}

/// <summary>The current state of a key.</summary>
/// <param name="Key">Its row.</param>
/// <param name="LastUsedAt">To the second; null: never.</param>
public sealed record KeyDetails(ApiKey Key, DateTimeOffset? LastUsedAt);

/// <summary>A new key with its secret, which is shown only this once.</summary>
public sealed record MadeKey(ApiKey Key, string Secret);
