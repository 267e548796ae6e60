using System.Globalization;
using System.Reflection;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Persistence;

/// <summary>The statements of a new picture write and read each column as EF's mapping does, on both engines.</summary>
public sealed class RowTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-rows-").FullName;
    private int _next;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_generation_is_written_read_and_changed_as_EF_does(string provider)
    {
        await using var services = await ServicesAsync(provider);
        await using var db = await services.GetRequiredService<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Ended);
        var byId = Generation.Rows.Select("""WHERE t."Id" = @p0""");
        foreach (var isFull in new[] { true, false })
        {
            var made = Filled<Generation>(db, isFull);
            await made.InsertAsync(db, Ended);
            Assert.NotEqual(0, made.Number);
            AssertSame(db, made, await db.Set<Generation>().AsNoTracking().SingleAsync(row => row.Id == made.Id, Ended));
            AssertSame(db, made, (await Generation.Rows.FirstAsync(db, byId, Ended, made.Id))!);

            var other = Filled<Generation>(db, !isFull);
            Set(db, other, "Number", made.Number);
            Assert.True(await Generation.Rows.UpdateAsync(db, made, other, Ended));
            AssertSame(db, other, await db.Set<Generation>().AsNoTracking().SingleAsync(row => row.Number == made.Number, Ended));
            // The row has another revision now.
            Assert.False(await Generation.Rows.UpdateAsync(db, made, other, Ended));

            var byEf = Filled<Generation>(db, isFull);
            Set(db, byEf, "Number", 0L);
            db.Add(byEf);
            await db.SaveChangesAsync(Ended);
            AssertSame(db, byEf, (await Generation.Rows.FirstAsync(db, byId, Ended, byEf.Id))!);
        }
        Assert.Null(await Generation.Rows.FirstAsync(db, byId, Ended, Guid.Empty));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Other_rows_are_written_as_EF_does(string provider)
    {
        await using var services = await ServicesAsync(provider);
        await using var db = await services.GetRequiredService<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Ended);
        foreach (var isFull in new[] { true, false })
        {
            var image = Filled<StoredImage>(db, isFull);
            await StoredImage.Rows.InsertLaterAsync(db, image, Ended);
            AssertSame(db, image, await db.Set<StoredImage>().AsNoTracking().SingleAsync(row => row.Id == image.Id, Ended));

            var run = Filled<ModelRun>(db, isFull);
            await run.InsertAsync(db, Ended);
            var written = await db.Set<ModelRun>().AsNoTracking().OrderBy(row => row.Number).LastAsync(Ended);
            Assert.NotEqual(0, written.Number);
            Set(db, run, "Number", written.Number);
            AssertSame(db, run, written);

            var entry = Filled<UsageEntry>(db, isFull);
            Set(db, entry, nameof(UsageEntry.Kind), isFull ? UsageKind.Run : UsageKind.Hit);
            Set(db, entry, "Number", await UsageEntry.Rows.InsertNumberedAsync(db, entry, Ended));
            // A run has one line only.
            var isNew = false;
            await UsageEntry.Rows.TryInsertLaterAsync(
                db, entry, () =>
                {
                    isNew = true;
                    return Task.CompletedTask;
                }, Ended);
            Assert.Equal(!isFull, isNew);
            AssertSame(db, entry, await db.Set<UsageEntry>().AsNoTracking().SingleAsync(row => row.Number == entry.Number, Ended));

            var key = Filled<ApiKey>(db, isFull);
            db.Add(key);
            await db.SaveChangesAsync(Ended);
            AssertSame(db, key, (await ApiKey.Rows.FirstAsync(db, ApiKey.Rows.Select("""WHERE t."Id" = @p0"""), Ended, key.Id))!);
        }
    }

    [Fact]
    public async Task All_columns_are_there()
    {
        await using var services = await ServicesAsync("sqlite");
        await using var db = await services.GetRequiredService<IDbContextFactory<GenApiDbContext>>().CreateDbContextAsync(Ended);

        AssertComplete(db, Generation.Rows);
        AssertComplete(db, StoredImage.Rows);
        AssertComplete(db, ModelRun.Rows);
        AssertComplete(db, UsageEntry.Rows);
        AssertComplete(db, ApiKey.Rows);
    }

    private static void AssertComplete<T>(GenApiDbContext db, RowTable<T> rows)
        where T : class
    {
        var table = db.Model.FindEntityType(typeof(T))!.GetTableMappings().Single().Table;
        var mapped = table.Columns.Select(column => column.Name).Where(name => name != "Number");
        Assert.Equal(mapped.Order(StringComparer.Ordinal), rows.Columns.Select(column => column.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Makes an entity with another value in each property.</summary>
    private T Filled<T>(GenApiDbContext db, bool isFull)
        where T : class
    {
        var entity = (T)Activator.CreateInstance(typeof(T), nonPublic: true)!;
        foreach (var (property, owner) in Properties(db, typeof(T)))
        {
            if (owner is null)
                property.FieldInfo!.SetValue(entity, isFull || !property.IsNullable ? Value(property.ClrType) : null);
        }
        if (entity is Generation generation)
        {
            typeof(Generation).GetProperty(nameof(Generation.Lease))!.SetValue(
                generation, isFull ? new Lease($"owner-{++_next}", Time(), ++_next) : Lease.None);
        }
        return entity;
    }

    private static void Set(GenApiDbContext db, object entity, string property, object value) =>
        db.Model.FindEntityType(entity.GetType())!.FindProperty(property)!.FieldInfo!.SetValue(entity, value);

    private object Value(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        _next++;
        return bare switch
        {
            _ when bare.IsEnum => Enum.GetValues(bare).GetValue(_next % Enum.GetValues(bare).Length)!,
            _ when bare == typeof(WebhookSalts) => WebhookSalts.New(),
            _ when bare == typeof(string) => $"ä{_next}",
            _ when bare == typeof(Guid) => new Guid(_next, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
            _ when bare == typeof(DateTimeOffset) => Time(),
            _ when bare == typeof(DateOnly) => new DateOnly(2026, 1, 1).AddDays(_next),
            _ when bare == typeof(bool) => true,
            _ when bare == typeof(byte[]) => new byte[] { 1, (byte)_next },
            _ when bare == typeof(double) => _next + 0.125,
            _ => Convert.ChangeType(_next, bare, CultureInfo.InvariantCulture),
        };
    }

    private DateTimeOffset Time() => new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(++_next);

    private static void AssertSame(GenApiDbContext db, object expected, object actual)
    {
        foreach (var (property, owner) in Properties(db, expected.GetType()))
        {
            object? Of(object entity) => property.PropertyInfo!.GetValue(owner is null ? entity : owner.GetValue(entity));
            Assert.True(
                Equivalent(Of(expected), Of(actual)), $"{property.Name}: {Of(expected)} was written, {Of(actual)} was read.");
        }
    }

    private static bool Equivalent(object? one, object? other) => (one, other) switch
    {
        (byte[] bytes, byte[] others) => bytes.SequenceEqual(others),
        (WebhookSalts salts, WebhookSalts others) => salts.ToText() == others.ToText(),
        _ => Equals(one, other),
    };

    private static IEnumerable<(IProperty Property, PropertyInfo? Owner)> Properties(GenApiDbContext db, Type type)
    {
        var entity = db.Model.FindEntityType(type)!;
        return entity.GetProperties().Select(property => (property, (PropertyInfo?)null)).Concat(
            entity.GetComplexProperties().SelectMany(complex =>
                complex.ComplexType.GetProperties().Select(property => (property, complex.PropertyInfo))));
    }

    private async Task<ServiceProvider> ServicesAsync(string provider)
    {
        var settings = new Dictionary<string, string?>
        {
            ["DataDirectory"] = Path.Combine(_folder, "data"),
            ["Database:Provider"] = provider,
            ["Cluster:SecretKey"] = "a-key-of-the-tests-with-more-than-32-characters",
        };
        if (provider == "postgres")
        {
            Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
            var server = await PostgresServer.SharedAsync();
            settings["Database:ConnectionString"] = server.ConnectionString(await server.CreateDatabaseAsync());
        }
        var services = new ServiceCollection().AddLogging()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddPersistence().BuildServiceProvider();
        await services.GetRequiredService<IDatabaseStart>().PrepareAsync(Ended);
        return services;
    }
}
