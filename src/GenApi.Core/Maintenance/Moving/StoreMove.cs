using GenApi.Core.Blobs;
using GenApi.Core.Blobs.Media;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Transfer;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Maintenance.Moving;

/// <summary>
/// Moves a whole store to another engine, another place of its bytes, or both, while no service uses it. The bytes come first, then the
/// rows, then the secrets, and at the end a mark in each database. So at every moment at most one of the two databases can be used, and the
/// unfinished work of a store never runs twice. An interrupted move continues where it was.
/// </summary>
public sealed class StoreMove
{
    private readonly DataDirectory _directory;
    private readonly DatabaseOptions _settings;
    private readonly BlobMedia _media;
    private readonly SecretOptions _secrets;
    private readonly IBlobUser[] _users;
    private readonly TimeProvider _time;

    public StoreMove(
        DataDirectory directory, IOptions<DatabaseOptions> settings, IOptions<SecretOptions> secrets, BlobMedia media,
        IEnumerable<IBlobUser> users, TimeProvider time) =>
        (_directory, _settings, _secrets, _media, _users, _time) =
            (directory, settings.Value, secrets.Value, media, [.. users], time);

    /// <summary>Moves the store, or continues a move.</summary>
    /// <exception cref="SettingException">There is nothing to move, the source is in use, or the target is not empty.</exception>
    /// <exception cref="GenApiException">A database or a store of bytes failed. The move can be run again.</exception>
    public async Task<MoveReport> RunAsync(MoveRequest request, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await MoveAsync(request, progress, cancellationToken);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw fault;
        }
    }

    private async Task<MoveReport> MoveAsync(MoveRequest request, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        var engine = request.To is null ? Configured : request.To == MovedDatabase.Sqlite ? MovedDatabase.Postgres : MovedDatabase.Sqlite;
        await using var source = MovedDatabase.Open(engine, PlaceOf(engine, request.From), _directory);
        await using var target = request.To is null ? null : MovedDatabase.Open(request.To, PlaceOf(request.To, request.Into), _directory);
        var isMoved = await MoveChecks.CheckSourceAsync(source, target?.Engine, _directory, cancellationToken);
        // A missing key is noticed before hours of work, and the key is checked before the lock is taken, which that may need itself.
        var secrets = target is null ? null : await source.OpenSecretsAsync(_secrets, _directory, _time, cancellationToken);
        await MoveChecks.TakeSourceAsync(source, cancellationToken);
        SecretMove? move = null;
        if (target is not null)
        {
            await MoveChecks.TakeTargetAsync(target, source.Engine, isMoved, _time.GetUtcNow(), cancellationToken);
            move = new(
                source.Db, secrets!, target.Db, await target.OpenSecretsAsync(_secrets, _directory, _time, cancellationToken), _directory,
                _time);
        }
        var report = await MoveBlobsAsync(request.Blobs, source, progress, cancellationToken);
        return target is null ? report : await MoveRowsAsync(report, source, target, move!, progress, cancellationToken);
    }

    private async Task<MoveReport> MoveBlobsAsync(
        string? provider, MovedDatabase source, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        if (provider is null)
            return new();
        var (from, into) = (_media.Make(provider == BlobsOptions.S3 ? BlobsOptions.Disk : BlobsOptions.S3), _media.Make(provider));
        using var _ = from as IDisposable;
        using var __ = into as IDisposable;
        await from.PrepareAsync(cancellationToken);
        await into.PrepareAsync(cancellationToken);
        await into.TryWriteAsync(cancellationToken);
        return await new BlobMove(from, into, _users, progress).RunAsync(source.Db, cancellationToken);
    }

    private async Task<MoveReport> MoveRowsAsync(
        MoveReport report, MovedDatabase source, MovedDatabase target, SecretMove secrets, IProgress<WorkStep>? progress,
        CancellationToken cancellationToken)
    {
        var (from, into) = (MoveChecks.TablesOf(source), MoveChecks.TablesOf(target));
        var move = new RowMove(source.Rows, target.Rows, progress);
        var rows = 0L;
        var changed = new Dictionary<string, long>();
        for (var at = 0; at < from.Count; at++)
        {
            rows += await move.RunAsync(from[at], into[at], cancellationToken);
            foreach (var column in from[at].Columns.Where(column => column.Type == typeof(string)))
            {
                if (await source.Rows.CountZeroTextsAsync(from[at], column, cancellationToken) is var count and > 0)
                    changed.Add($"{from[at].Name}.{column.Name}", count);
            }
        }
        progress?.Report(new("building the search index"));
        await target.Db.RebuildIndexesAsync(cancellationToken);
        var moved = await secrets.RunAsync(cancellationToken);
        var now = _time.GetUtcNow();
        // The source first: a kill between the two leaves none that a service can use, and the next run does the rest.
        await source.MarkAsync(new(MoveState.Moved, target.Engine, now), cancellationToken);
        await target.FinishAsync(cancellationToken);
        return report with { From = source.Name, Into = target.Name, Tables = from.Count, Rows = rows, Secrets = moved, Changed = changed };
    }

    private string Configured => _settings.IsPostgres ? MovedDatabase.Postgres : MovedDatabase.Sqlite;

    /// <summary>The settings describe one of the two databases: the one with their engine.</summary>
    private string PlaceOf(string engine, string? given) => given ?? (engine == Configured ? _settings.ConnectionString : "");
}
