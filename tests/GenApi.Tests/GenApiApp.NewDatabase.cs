namespace GenApi.Tests;

internal sealed partial class GenApiApp
{
    /// <summary>
    /// An empty database, as a first start leaves it. Creating one takes three quarters of a first start in this process, so all services
    /// of the tests begin with a copy of the same one.
    /// </summary>
    private static readonly Lazy<Task<byte[]>> NewDatabase = new(CreateDatabaseAsync);

    private bool _hasStarted;

    private static async Task<byte[]> CreateDatabaseAsync()
    {
        await using var app = await BeginAsync(
            new() { ["Database:Provider"] = "sqlite" }, null, null, (_, all) => Task.FromResult<IHost>(new InProcess(all, null, null)));
        await app.StopAsync();
        return await File.ReadAllBytesAsync(Path.Combine(app.DataDirectory, "genapi.db"));
    }

    /// <summary>Prepares the first start, unless the test has its own folder or its own database.</summary>
    private async Task PutNewDatabaseAsync()
    {
        var isOwn = Store.Database is not null || _settings["DataDirectory"] != DataDirectory || Directory.Exists(DataDirectory)
            || _settings.Keys.Any(key => key.StartsWith("Database:", StringComparison.OrdinalIgnoreCase));
        if (_hasStarted || isOwn)
            return;
        _hasStarted = true;
        await PutNewDatabaseAsync(DataDirectory);
    }

    /// <summary>Makes the folder of a service with an empty database in it.</summary>
    internal static async Task PutNewDatabaseAsync(string directory)
    {
        var bytes = await NewDatabase.Value;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new FileStream(Path.Combine(directory, "genapi.db"), options);
        await file.WriteAsync(bytes);
    }
}
