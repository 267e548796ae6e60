using System.Collections.Concurrent;
using System.Diagnostics;
using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// The secrets of a store that several instances use: encrypted rows. The first instance that needs one makes it, under the lock of the
/// writer. A start with another key than that of the first start is refused.
/// </summary>
internal sealed class DatabaseSecrets : ISecretStore, IPreparation
{
    /// <summary>A secret that nobody uses. It shows whether the key is the right one.</summary>
    private const string Check = "key-check";

    /// <summary>Not the lock of the writer, which is needed to make a secret.</summary>
    private const long LockNumber = PostgresWrite.LockNumber + 2;

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);

    private readonly PostgresSource _source;
    private readonly TimeProvider _time;
    private readonly Lazy<SecretCipher> _cipher;
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    public DatabaseSecrets(PostgresSource source, TimeProvider time, IOptions<SecretOptions> options)
    {
        (_source, _time) = (source, time);
        _cipher = new(() => new SecretCipher(Required(options.Value.SecretKey)));
    }

    /// <summary>Checks the key before anything else is read.</summary>
    /// <exception cref="SettingException">The key is missing or too short, or the store was made with another one.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        ReadOrMake(Check, SecretCipher.Setting, static () => "GenApi");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>It waits for the database without a thread to spare: a secret is read once, mostly at the start.</remarks>
    public string ReadOrMake(string name, string section, Func<string> make)
    {
        if (_known.TryGetValue(name, out var known))
            return _cipher.Value.Decrypt(name, known.Value);
        try
        {
            var value = Read(name) ?? Make(name, make);
            var secret = _cipher.Value.Decrypt(name, value);
            _known[name] = new(value, Stopwatch.GetTimestamp());
            return secret;
        }
        catch (Exception failure) when (PostgresFaults.ToGenApi(failure) is { } fault)
        {
            throw new SettingException(section, $"{PlaceOf(name)} can't be read or made ({fault.Message.TrimEnd('.')}).", failure);
        }
    }

    public bool Has(string name) => _known.ContainsKey(name) || Read(name) is not null;

    public async Task ReplaceAsync(GenApiDbContext db, string name, string secret, CancellationToken cancellationToken)
    {
        var value = _cipher.Value.Encrypt(name, secret);
        var changed = await db.Set<StoredSecret>().Where(row => row.Name == name)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Value, value), cancellationToken);
        if (changed == 0)
        {
            db.Add(new StoredSecret { Name = name, Value = value, CreatedAt = db.Now });
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Each value begins with other random bytes, which are the version. Once a second a question starts another look at the row, and does
    /// not wait for it.
    /// </remarks>
    public long VersionOf(string name)
    {
        if (!_known.TryGetValue(name, out var known))
            return 0;
        if (Stopwatch.GetElapsedTime(known.ReadAt) >= ReadEvery && known.TryBeginReading())
            _ = Task.Run(() => ReadAgainAsync(name, known));
        return BitConverter.ToInt64(known.Value);
    }

    public void Forget(string name) => _known.TryRemove(name, out _);

    public string PlaceOf(string name) => $"the secret '{name}' in the database";

    /// <summary>Reads all secrets whose names begin so, in the order of their names.</summary>
    public IReadOnlyList<string> ReadAll(string prefix)
    {
        using var connection = Open();
        using var command = new NpgsqlCommand(PostgresSchema.Secrets, connection);
        command.Parameters.Add(new() { Value = prefix });
        using var reader = command.ExecuteReader();
        var secrets = new List<string>();
        while (reader.Read())
            secrets.Add(_cipher.Value.Decrypt(reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        return secrets;
    }

    /// <summary>Runs something that no two instances do at once. It may make secrets.</summary>
    public async Task AloneAsync(Action run, CancellationToken cancellationToken)
    {
        await using var connection = _source.Connection();
        await connection.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var taken = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection))
        {
            taken.Parameters.Add(new() { Value = LockNumber });
            await taken.ExecuteNonQueryAsync(cancellationToken);
        }
        run();
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task ReadAgainAsync(string name, Known old)
    {
        try
        {
            await using var connection = _source.Connection();
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(PostgresSchema.Secret, connection);
            command.Parameters.Add(new() { Value = name });
            var value = (byte[]?)await command.ExecuteScalarAsync();
            _known.TryUpdate(name, new(value ?? old.Value, Stopwatch.GetTimestamp()), old);
        }
        catch (Exception failure) when (PostgresFaults.ToGenApi(failure) is not null)
        {
            // While the database is away nobody replaces a secret. The next question looks again.
            _known.TryUpdate(name, new(old.Value, Stopwatch.GetTimestamp()), old);
        }
    }

    private NpgsqlConnection Open()
    {
        var connection = _source.Connection();
        connection.Open();
        return connection;
    }

    private byte[]? Read(string name)
    {
        using var connection = Open();
        return Read(connection, name);
    }

    private static byte[]? Read(NpgsqlConnection connection, string name)
    {
        using var command = new NpgsqlCommand(PostgresSchema.Secret, connection);
        command.Parameters.Add(new() { Value = name });
        return (byte[]?)command.ExecuteScalar();
    }

    private byte[] Make(string name, Func<string> make)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        using (var taken = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection))
        {
            taken.Parameters.Add(new() { Value = PostgresWrite.LockNumber });
            taken.ExecuteNonQuery();
        }
        if (Read(connection, name) is { } other)
            return other;
        var value = _cipher.Value.Encrypt(name, make());
        using (var add = new NpgsqlCommand(PostgresSchema.AddSecret, connection))
        {
            add.Parameters.Add(new() { Value = name });
            add.Parameters.Add(new() { Value = value });
            add.Parameters.Add(new() { Value = _time.GetUtcNow().UtcTicks });
            add.ExecuteNonQuery();
        }
        transaction.Commit();
        return value;
    }

    private static string Required(string key) => key.Length >= SecretOptions.Shortest
        ? key
        : throw new SettingException(
            SecretCipher.Setting,
            $"{(key.Length == 0 ? "PostgreSQL needs it" : "it is too short")}: at least {SecretOptions.Shortest} random characters, the "
            + "same on all instances. Make one with: openssl rand -base64 32.");

    private sealed class Known(byte[] value, long readAt)
    {
        private int _isReading;

        public byte[] Value { get; } = value;

        public long ReadAt { get; } = readAt;

        public bool TryBeginReading() => Interlocked.Exchange(ref _isReading, 1) == 0;
    }
}
