using GenApi.Core.Errors;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Persistence.Files;

namespace GenApi.Hosting.Verbs;

/// <summary>One run of a verb.</summary>
/// <param name="Verb">The name of the verb.</param>
/// <param name="Refused">The exit code where it could not do its work at all.</param>
/// <param name="Services">All of the service, nothing of it started.</param>
/// <param name="Words">What followed the verb's name, as many as it takes.</param>
/// <param name="Options">The verb's own options that were given; the value of a flag is empty.</param>
/// <param name="Progress">To be disposed of before anything else is written.</param>
/// <param name="Stopping">The operator ends it (Ctrl+C, SIGTERM).</param>
internal sealed record VerbCall(
    string Verb, int Refused, IServiceProvider Services, IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Options,
    ProgressLine Progress, CancellationToken Stopping)
{
    public IConfiguration Configuration => Services.GetRequiredService<IConfiguration>();

    public TimeProvider Time => Services.GetRequiredService<TimeProvider>();

    public bool Has(string option) => Options.ContainsKey(option);

    /// <summary>
    /// Says on stderr which folder the verb works on, in full: a relative <c>DataDirectory</c> depends on where the verb is called. A
    /// folder that is not there is named by
    /// the refusal.
    /// </summary>
    public async Task AnnounceAsync()
    {
        if (Services.GetRequiredService<DataDirectory>().Root is var root && Directory.Exists(root))
            await Console.Error.WriteLineAsync($"Data directory: {root}");
    }

    /// <summary>For a verb that only reads: refuses a folder without a store, and says which one it reads.</summary>
    /// <exception cref="Core.Errors.SettingException">There is no store, or this version can't read it.</exception>
    public async Task LookAsync()
    {
        await RequireStoreAsync();
        await AnnounceAsync();
    }

    /// <summary>As <see cref="LookAsync"/>, for a verb whose result names the folder itself.</summary>
    public Task RequireStoreAsync() => Services.GetRequiredService<DatabaseVisit>().RequireReadableAsync(Stopping);

    /// <summary>For a verb that writes rows: brings the store up to date where no service uses it.</summary>
    /// <param name="mayMake">Whether a folder without a store gets one.</param>
    /// <exception cref="Core.Errors.SettingException">The store can't be used, or there is none.</exception>
    public async Task OpenAsync(bool mayMake)
    {
        var isNew = await Services.GetRequiredService<DatabaseVisit>().BeginAsync(mayMake, Stopping);
        Progress.Dispose();
        await AnnounceAsync();
        if (isNew)
            await Console.Error.WriteLineAsync("There was no store in this folder: a new one was made.");
    }

    /// <summary>The command line can't be used.</summary>
    /// <param name="sentences">What is wrong, and what is allowed.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RefuseAsync(string sentences)
    {
        await Console.Error.WriteLineAsync($"{sentences}\n{Verb} --help shows what it takes.");
        return Refused;
    }
}
