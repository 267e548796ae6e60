#!/usr/bin/env bash
# SQLitePCLRaw.core 2.1.13 with an FTS5 table (Microsoft.Data.Sqlite 10.0.12): sqlite3_next_stmt throws.
#
# Good guess: after enable_sqlite3_next_stmt(true) on the connection, sqlite3_next_stmt walks through its prepared statements, as SQLite's function does.
# Seen: KeyNotFoundException. The wrapper knows only the statements that it prepared itself, and an FTS5 table prepares some of its own within SQLite; the
# first of those ends the walk. Without the full-text table the walk works. So nothing can be counted by it (sqlite3_stmt_status) once a search has run:
# prepare the statement with sqlite3_prepare_v2 and keep it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > walk.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.Data.Sqlite.Core" Version="[10.0.12]" />
    <PackageReference Include="SQLitePCLRaw.bundle_e_sqlite3" Version="[2.1.13]" />
  </ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using Microsoft.Data.Sqlite;
using SQLitePCL;

Batteries_V2.Init();
foreach (var (name, table, query) in new[]
{
    ("a plain table", "CREATE TABLE t(x)", "SELECT x FROM t WHERE x = 'fox'"),
    ("an FTS5 table", "CREATE VIRTUAL TABLE t USING fts5(x)", "SELECT x FROM t WHERE t MATCH 'fox'"),
})
{
    using var connection = new SqliteConnection("Data Source=:memory:");
    connection.Open();
    connection.Handle!.enable_sqlite3_next_stmt(true);
    Run($"{table}; INSERT INTO t(x) VALUES ('a red fox')");
    using var command = connection.CreateCommand();
    command.CommandText = query;
    using var reader = command.ExecuteReader();
    while (reader.Read()) { }
    try { Console.WriteLine($"{name}: {(raw.sqlite3_next_stmt(connection.Handle, null) is null ? "none" : "a statement")}"); }
    catch (KeyNotFoundException) { Console.WriteLine($"{name}: KeyNotFoundException"); }

    void Run(string text) { using var each = connection.CreateCommand(); each.CommandText = text; each.ExecuteNonQuery(); }
}
CS
dotnet run --nologo -v quiet 2>&1 | tee seen
diff seen - <<'TXT'
a plain table: a statement
an FTS5 table: KeyNotFoundException
TXT
