#!/usr/bin/env bash
# SQLite 3.49.1 (SQLitePCLRaw.bundle_e_sqlite3 2.1.11, NuGet) on .NET 10: a prepared statement whose LIMIT is a parameter is planned again at each use.
#
# Good guess: a statement that is prepared once is parsed and planned once, until the schema changes. That is what preparing is for.
# Seen: with LIMIT ? it is prepared again (SQLITE_STMTSTATUS_REPREPARE) whenever values are bound, also if they are the same as before, and without any index or
# ANALYZE. A constant LIMIT, or a parameter for OFFSET, is planned once. So is LIMIT ? after sqlite3_db_config(SQLITE_DBCONFIG_ENABLE_QPSG), whose manual page speaks
# of plans that may change, and not of the cost of making them. A column of a partial index's condition that is compared with a parameter does the same as LIMIT.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > plans.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
  <ItemGroup><PackageReference Include="SQLitePCLRaw.bundle_e_sqlite3" Version="[2.1.11]" /></ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using SQLitePCL;

const int reprepare = 5, enableQpsg = 1007;
Batteries_V2.Init();
Console.WriteLine(raw.sqlite3_libversion().utf8_to_string());
foreach (var qpsg in new[] { 0, 1 })
{
    foreach (var end in new[] { "LIMIT ?2", "LIMIT 5", "LIMIT 5 OFFSET ?2", "AND kind = ?2" })
    {
        raw.sqlite3_open(":memory:", out var db);
        raw.sqlite3_db_config(db, enableQpsg, qpsg, out _);
        raw.sqlite3_exec(db, "CREATE TABLE image(id INTEGER PRIMARY KEY, owner TEXT, kind TEXT)");
        // Only the last statement could use it.
        raw.sqlite3_exec(db, "CREATE INDEX files ON image(id) WHERE kind = 'file'");
        raw.sqlite3_prepare_v2(db, $"SELECT id FROM image WHERE owner = ?1 {end}", out var statement);
        for (var use = 0; use < 10; use++)
        {
            raw.sqlite3_bind_text(statement, 1, "ann");
            if (end.Contains("kind"))
                raw.sqlite3_bind_text(statement, 2, "image");
            else if (end.Contains("?2"))
                raw.sqlite3_bind_int(statement, 2, 5);
            while (raw.sqlite3_step(statement) == raw.SQLITE_ROW)
            {
            }
            raw.sqlite3_reset(statement);
        }
        Console.WriteLine($"{(qpsg == 1 ? "QPSG, " : "")}{end}: planned again {raw.sqlite3_stmt_status(statement, reprepare, 0)} times in 10 uses");
        raw.sqlite3_finalize(statement);
        raw.sqlite3_close(db);
    }
}
CS
dotnet run 2>&1 | tee seen
diff seen - <<'TXT'
3.49.1
LIMIT ?2: planned again 10 times in 10 uses
LIMIT 5: planned again 0 times in 10 uses
LIMIT 5 OFFSET ?2: planned again 0 times in 10 uses
AND kind = ?2: planned again 10 times in 10 uses
QPSG, LIMIT ?2: planned again 0 times in 10 uses
QPSG, LIMIT 5: planned again 0 times in 10 uses
QPSG, LIMIT 5 OFFSET ?2: planned again 0 times in 10 uses
QPSG, AND kind = ?2: planned again 0 times in 10 uses
TXT
