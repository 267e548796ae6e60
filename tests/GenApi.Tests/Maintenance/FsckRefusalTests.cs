namespace GenApi.Tests.Maintenance;

/// <summary>What the verb can't check.</summary>
public sealed class FsckRefusalTests
{
    [Fact]
    public async Task What_can_not_be_checked_is_told_by_exit_code_2_and_nothing_is_made()
    {
        var folder = Directory.CreateTempSubdirectory("genapi-fsck-").FullName;
        try
        {
            var settings = new Dictionary<string, string?> { ["DataDirectory"] = Path.Combine(folder, "none") };
            var (nothing, _, sentence) = await ProgramHere.RunToEndAsync(settings, folder, "fsck");
            Assert.Equal((2, $"DataDirectory: there is no folder '{folder}/none'."), (nothing, sentence.Trim()));
            Directory.CreateDirectory(Path.Combine(folder, "none"));
            Assert.Equal(2, (await ProgramHere.RunToEndAsync(settings, folder, "fsck")).ExitCode);
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(folder, "none")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
