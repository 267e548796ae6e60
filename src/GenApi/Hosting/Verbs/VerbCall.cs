using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;

namespace GenApi.Hosting.Verbs;

/// <summary>One run of a verb.</summary>
/// <param name="Verb">The name of the verb.</param>
/// <param name="Refused">The exit code if the verb could not do its work at all.</param>
/// <param name="Services">All services, none of them started.</param>
/// <param name="Words">The words after the verb's name, as many as it takes.</param>
/// <param name="Options">The verb's options that were given; the value of a flag is empty.</param>
/// <param name="Progress">The progress line. Dispose of it before you write anything else.</param>
/// <param name="Stopping">Canceled when the operator stops the verb (Ctrl+C, SIGTERM).</param>
internal sealed record VerbCall(
    string Verb, int Refused, IServiceProvider Services, IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Options,
    ProgressLine Progress, CancellationToken Stopping)
{
    public IConfiguration Configuration => Services.GetRequiredService<IConfiguration>();

    public TimeProvider Time => Services.GetRequiredService<TimeProvider>();

    public bool Has(string option) => Options.ContainsKey(option);

    /// <summary>
    /// Writes the full path of the data directory to stderr, because a relative <c>DataDirectory</c> depends on the working directory. The
    /// refusal names a folder that does not exist.
    /// </summary>
    public async Task AnnounceAsync()
    {
        if (Services.GetRequiredService<DataDirectory>().Root is var root && Directory.Exists(root))
            await Console.Error.WriteLineAsync($"Data directory: {root}");
    }

    /// <summary>Prepares a verb that only reads: refuses a folder without a store, and announces the folder.</summary>
    /// <exception cref="Core.Errors.SettingException">There is no store, or this version can't read it.</exception>
    public async Task OpenForReadAsync()
    {
        await RequireStoreAsync();
        await AnnounceAsync();
    }

    /// <summary>Does the same as <see cref="OpenForReadAsync"/> for a verb whose result names the folder itself.</summary>
    public Task RequireStoreAsync() => Services.GetRequiredService<DatabaseVisit>().RequireReadableAsync(Stopping);

    /// <summary>Prepares a verb that writes rows: upgrades the store unless a service is using it.</summary>
    /// <param name="mayCreate">Whether a folder or a database without a store gets one.</param>
    /// <exception cref="Core.Errors.SettingException">The store can't be used, or there is none.</exception>
    public async Task OpenForWriteAsync(bool mayCreate)
    {
        var isNew = await Services.GetRequiredService<DatabaseVisit>().BeginAsync(mayCreate, Stopping);
        Progress.Dispose();
        await AnnounceAsync();
        if (isNew)
            await Console.Error.WriteLineAsync("There was no store yet. A new one was created.");
    }

    /// <summary>Refuses a command line that can't be used.</summary>
    /// <param name="sentences">The fault, and the allowed values.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RefuseAsync(string sentences)
    {
        await Console.Error.WriteLineAsync($"{sentences}\n{Verb} --help shows its arguments.");
        return Refused;
    }
}
