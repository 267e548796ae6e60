using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>Makes the context for <c>dotnet ef migrations add</c>.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteGenApiDbContext>
{
    public SqliteGenApiDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite("Data Source=design.db").Options);
}
