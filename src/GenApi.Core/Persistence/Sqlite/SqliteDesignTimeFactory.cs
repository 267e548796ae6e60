using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>Makes the context for <c>dotnet ef migrations add</c>.</summary>
internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteGenApiDbContext>
{
    public SqliteGenApiDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite("Data Source=design.db").Options);
}
