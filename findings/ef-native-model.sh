#!/usr/bin/env bash
# Microsoft.EntityFrameworkCore.Design 10.0.15 (NuGet) on .NET 10: the compiled model for native code does not compile for two ordinary mappings.
#
# Good guess: CompiledModelCodeGenerationOptions.ForNativeAot (dotnet ef dbcontext optimize --nativeaot) writes the same model as without it, with accessors as code,
# for every mapping that EF accepts.
# Seen: a property called Source, or a value converter (a class) whose lambda makes a span of an array without saying so, gives code with errors. The parameter of the
# snapshot's lambda is called source, like the variable of the property (CS1503). The implicit conversion is written as a call of op_Implicit (CS0571).
# Without ForNativeAot both compile. Another name in C# with HasColumnName, and a static method in the converter, help.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > store.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.EntityFrameworkCore.Sqlite" Version="[10.0.15]" />
    <PackageReference Include="Microsoft.EntityFrameworkCore.Design" Version="[10.0.15]" ><IncludeAssets>all</IncludeAssets></PackageReference>
  </ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.EntityFrameworkCore.Sqlite.Design.Internal;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Microsoft.Extensions.DependencyInjection;

using var db = new Store();
var services = new ServiceCollection().AddEntityFrameworkDesignTimeServices().AddDbContextDesignTimeServices(db);
#pragma warning disable EF1001
new SqliteDesignTimeServices().ConfigureDesignTimeServices(services);
#pragma warning restore EF1001
using var scope = services.BuildServiceProvider().CreateScope();
scope.ServiceProvider.GetRequiredService<ICompiledModelScaffolder>().ScaffoldModel(
    db.GetService<IDesignTimeModel>().Model, args[0],
    new() { ContextType = typeof(Store), ModelNamespace = "Compiled", ForNativeAot = args[1] == "native" });

public class Change
{
    public long Id { get; set; }
    public string? Source { get; set; }
    public DateTime At { get; set; }
}

public class Thing
{
    public Guid Id { get; set; }
}

public class Store : DbContext
{
    public DbSet<Change> Changes => Set<Change>();
    public DbSet<Thing> Things => Set<Thing>();
    protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseSqlite("Data Source=:memory:");
    protected override void OnModelCreating(ModelBuilder model) =>
        model.Entity<Thing>().Property(thing => thing.Id).HasConversion<BytesConverter>();
}

public class BytesConverter() : ValueConverter<Guid, byte[]>(id => id.ToByteArray(true), bytes => new Guid(bytes, true));
CS
dotnet build --nologo -v quiet > build 2>&1 || { cat build; exit 1; }
for kind in usual native; do
  rm -rf Compiled
  dotnet run --no-build -- Compiled "$kind" > /dev/null
  echo "$kind: $(dotnet build --nologo -v quiet 2>&1 | grep -o 'error CS[0-9]*' | sort -u | tr '\n' ' ')"
done | tee seen
diff seen - <<'TXT'
usual: 
native: error CS0571 error CS1503 
TXT
