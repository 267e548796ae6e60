using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>Makes the context for <c>dotnet ef migrations add</c>. It connects to nothing.</summary>
internal sealed class PostgresDesignTimeFactory : IDesignTimeDbContextFactory<PostgresGenApiDbContext>
{
    public PostgresGenApiDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresGenApiDbContext>().UseNpgsql("Host=design").Options);
}
