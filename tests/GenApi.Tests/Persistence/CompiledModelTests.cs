using System.Text.RegularExpressions;
using GenApi.Core.Persistence.Migrations.CompiledModel;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.EntityFrameworkCore.Sqlite.Design.Internal;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Persistence;

/// <summary>
/// EF's own generator makes the model of the tables. It is stored next to the migrations, so that a start need not make it.
/// </summary>
public sealed partial class CompiledModelTests : IDisposable
{
    private const string Rewrite = "GENAPI_REWRITE_MODEL";

    private readonly string _made = Directory.CreateTempSubdirectory("genapi-model-").FullName;
    private readonly SqliteGenApiDbContext _db = new(
        new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite("Data Source=:memory:").Options);

    [Fact]
    public void The_committed_model_is_what_the_code_maps()
    {
        var folder = Repository.PathOf("src/GenApi.Core/Persistence/Migrations/CompiledModel");
        Scaffold();
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
            foreach (var file in Directory.EnumerateFiles(_made))
                File.WriteAllText(Path.Combine(folder, Path.GetFileName(file)), File.ReadAllText(file).ReplaceLineEndings("\n"));
        }

        var others = Read(_made).Except(Read(folder)).Concat(Read(folder).Except(Read(_made))).Select(file => file.Name).Distinct();
        Assert.True(!others.Any(), $"The compiled model is not what the code maps ({string.Join(", ", others)}). "
            + $"If the change is meant: {Rewrite}=1 dotnet run --project tests/GenApi.Tests -- -class "
                + $"GenApi.Tests.Persistence.CompiledModelTests");
    }

    [Fact]
    public void It_is_the_one_in_use() => Assert.IsType<SqliteGenApiDbContextModel>(_db.Model);

    public void Dispose()
    {
        _db.Dispose();
        Directory.Delete(_made, recursive: true);
    }

    private void Scaffold()
    {
        var services = new ServiceCollection().AddEntityFrameworkDesignTimeServices().AddDbContextDesignTimeServices(_db);
#pragma warning disable EF1001 // The generator finds the provider's services by this name too.
        new SqliteDesignTimeServices().ConfigureDesignTimeServices(services);
#pragma warning restore EF1001
        using var provider = services.BuildServiceProvider();
        using var scope = provider.CreateScope();
        scope.ServiceProvider.GetRequiredService<ICompiledModelScaffolder>()
            .ScaffoldModel(_db.GetService<IDesignTimeModel>().Model, _made, new CompiledModelCodeGenerationOptions
            {
                ContextType = typeof(SqliteGenApiDbContext),
                ModelNamespace = typeof(SqliteGenApiDbContextModel).Namespace!,
            });
    }

    private static List<(string Name, string Text)> Read(string folder) => [.. Directory.EnumerateFiles(folder)
        .Select(file => (Path.GetFileName(file), ModelId().Replace(File.ReadAllText(file).ReplaceLineEndings("\n"), "")))];

    /// <summary>Drawn again each time.</summary>
    [GeneratedRegex("modelId: new Guid\\(\"[^\"]*\"\\)")]
    private static partial Regex ModelId();
}
