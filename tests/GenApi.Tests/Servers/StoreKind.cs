namespace GenApi.Tests.Servers;

/// <summary>
/// Chooses the engine and the blob store of all services that these tests start, unless a test chooses itself. The environment says so for
/// a whole run: <c>GENAPI_TEST_DATABASE=postgres</c> and <c>GENAPI_TEST_BLOBS=s3</c>. Without them it is SQLite and a folder.
/// </summary>
internal static class StoreKind
{
    public static bool IsPostgres { get; } = IsSet("GENAPI_TEST_DATABASE", "postgres", "sqlite");

    public static bool IsS3 { get; } = IsSet("GENAPI_TEST_BLOBS", "s3", "disk");

    private static bool IsSet(string name, string value, string otherwise) => Environment.GetEnvironmentVariable(name) switch
    {
        null or "" => false,
        var set when set == otherwise => false,
        var set when set == value => true,
        var set => throw new InvalidOperationException($"{name} is '{set}'. It is '{otherwise}' or '{value}'."),
    };
}
