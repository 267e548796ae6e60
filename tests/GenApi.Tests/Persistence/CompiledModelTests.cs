using System.Text.RegularExpressions;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Migrations.CompiledModel;
using GenApi.Core.Persistence.Migrations.CompiledPostgres;
using GenApi.Core.Persistence.Postgres;
using GenApi.Core.Persistence.Sqlite;
using GenApi.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.EntityFrameworkCore.Sqlite.Design.Internal;
using Microsoft.Extensions.DependencyInjection;
using Npgsql.EntityFrameworkCore.PostgreSQL.Design.Internal;

namespace GenApi.Tests.Persistence;

/// <summary>
/// EF's own generator makes the model of the tables for each engine. It is stored next to the migrations, so that a start need not make it.
/// </summary>
[OnlyOnSqlite]
public sealed partial class CompiledModelTests : IDisposable
{
    private const string Rewrite = "GENAPI_REWRITE_MODEL";

    private readonly string _made = Directory.CreateTempSubdirectory("genapi-model-").FullName;

    [Theory]
    [InlineData("CompiledModel")]
    [InlineData("CompiledPostgres")]
    public void The_committed_model_is_what_the_code_maps(string name)
    {
        var folder = Repository.PathOf($"src/GenApi.Core/Persistence/Migrations/{name}");
        using var db = Open(name);
        Scaffold(db, name);
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
            foreach (var file in Directory.EnumerateFiles(_made))
                File.WriteAllText(Path.Combine(folder, Path.GetFileName(file)), File.ReadAllText(file).ReplaceLineEndings("\n"));
        }

        var others = Read(_made).Except(Read(folder)).Concat(Read(folder).Except(Read(_made))).Select(file => file.Name).Distinct();
        Assert.True(!others.Any(), $"The compiled model {name} is not what the code maps ({string.Join(", ", others)}). "
            + $"If the change is meant: {Rewrite}=1 dotnet run --project tests/GenApi.Tests -- -class "
                + $"GenApi.Tests.Persistence.CompiledModelTests");
    }

    [Fact]
    public void They_are_the_ones_in_use()
    {
        using var sqlite = Open("CompiledModel");
        using var postgres = Open("CompiledPostgres");

        Assert.IsType<SqliteGenApiDbContextModel>(sqlite.Model);
        Assert.IsType<PostgresGenApiDbContextModel>(postgres.Model);
    }

    public void Dispose() => Directory.Delete(_made, recursive: true);

    private static GenApiDbContext Open(string name) => name == "CompiledModel"
        ? new SqliteGenApiDbContext(
            new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite("Data Source=:memory:").Options)
        : new PostgresGenApiDbContext(
            new DbContextOptionsBuilder<PostgresGenApiDbContext>().UseNpgsql("Host=nowhere").Options);

    private void Scaffold(GenApiDbContext db, string name)
    {
        var services = new ServiceCollection().AddEntityFrameworkDesignTimeServices().AddDbContextDesignTimeServices(db);
#pragma warning disable EF1001 // The generator finds the provider's services by these names too.
        if (db is SqliteGenApiDbContext)
            new SqliteDesignTimeServices().ConfigureDesignTimeServices(services);
        else
            new NpgsqlDesignTimeServices().ConfigureDesignTimeServices(services);
#pragma warning restore EF1001
        using var provider = services.BuildServiceProvider();
        using var scope = provider.CreateScope();
        scope.ServiceProvider.GetRequiredService<ICompiledModelScaffolder>()
            .ScaffoldModel(db.GetService<IDesignTimeModel>().Model, _made, new CompiledModelCodeGenerationOptions
            {
                ContextType = db.GetType(),
                ModelNamespace = $"GenApi.Core.Persistence.Migrations.{name}",
            });
    }

    private static List<(string Name, string Text)> Read(string folder) => [.. Directory.EnumerateFiles(folder)
        .Select(file => (Path.GetFileName(file), ModelId().Replace(File.ReadAllText(file).ReplaceLineEndings("\n"), "")))];

    /// <summary>Drawn again each time.</summary>
    [GeneratedRegex("modelId: new Guid\\(\"[^\"]*\"\\)")]
    private static partial Regex ModelId();
}
