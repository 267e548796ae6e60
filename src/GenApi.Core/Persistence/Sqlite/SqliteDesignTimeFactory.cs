using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>For <c>dotnet ef migrations add</c> alone.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteGenApiDbContext>
{
    public SqliteGenApiDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite("Data Source=design.db").Options);
}
