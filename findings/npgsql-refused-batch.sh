#!/usr/bin/env bash
# Npgsql 10.0.3 (NuGet) on .NET 10, PostgreSQL 15 or newer: after a batch that is refused for one value, another statement of it fails for ever.
#
# Good guess: a value of the wrong type raises InvalidCastException before anything is sent. The server knows nothing of it, the connection is as before, and the
# caller mends the value and goes on.
# Seen: with Max Auto Prepare, a statement before it in the batch that reached Auto Prepare Min Usages counts as prepared from then on, although its Parse was never
# sent. Alone and with nothing wrong, it fails with 26000 (prepared statement does not exist), outside of transactions too, as often as it is run, until the
# physical connection is closed; a pool gives the connection to the next caller as it is. Other statements work. Without automatic preparation nothing is wrong.
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; wait; rm -rf "$folder"' EXIT
cd "$folder"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
as=()
if [ "$(id -u)" = 0 ]; then chown postgres . && as=(runuser -u postgres --); fi
"${as[@]}" "$bin/initdb" -D data -A trust -U postgres > /dev/null
"${as[@]}" "$bin/postgres" -D data -k "$folder" -c listen_addresses= > log 2>&1 &
server=$!
until "${as[@]}" "$bin/pg_isready" -q -h "$folder"; do sleep 0.2; done
mkdir program && cd program
cat > batch.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
  <ItemGroup><PackageReference Include="Npgsql" Version="[10.0.3]" /></ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using System.Data;
using Npgsql;

foreach (var prepare in new[] { 0, 20 })
{
    Console.WriteLine($"Max Auto Prepare={prepare}");
    using var source = NpgsqlDataSource.Create(
        $"Host={args[0]};Username=postgres;Maximum Pool Size=1;Max Auto Prepare={prepare};Auto Prepare Min Usages=2");
    using (var connection = source.OpenConnection())
    {
        Run(connection, "SELECT 1");
        using var batch = new NpgsqlBatch(connection) { BatchCommands = { new("SELECT 1"), new("SELECT @id") } };
        batch.BatchCommands[1].Parameters.Add(new NpgsqlParameter("id", DbType.Int64) { Value = "7" });
        try
        {
            batch.ExecuteNonQuery();
        }
        catch (InvalidCastException)
        {
            Console.WriteLine("the value is refused");
        }
        batch.BatchCommands[1].Parameters[0].Value = 7L;
        for (var time = 0; time < 3; time++)
            Run(connection, "SELECT 1");
        Run(connection, "SELECT 2");
    }
    using (var next = source.OpenConnection())
        Run(next, "SELECT 1");
    source.Clear();
    using (var fresh = source.OpenConnection())
        Run(fresh, "SELECT 1");
}

static void Run(NpgsqlConnection connection, string text)
{
    try
    {
        using var command = new NpgsqlCommand(text, connection);
        Console.WriteLine($"{text}: {command.ExecuteScalar()}");
    }
    catch (PostgresException failure)
    {
        Console.WriteLine($"{text}: {failure.SqlState}");
    }
}
CS
dotnet run "$folder" 2>&1 | tee seen
diff seen - <<'TXT'
Max Auto Prepare=0
SELECT 1: 1
the value is refused
SELECT 1: 1
SELECT 1: 1
SELECT 1: 1
SELECT 2: 2
SELECT 1: 1
SELECT 1: 1
Max Auto Prepare=20
SELECT 1: 1
the value is refused
SELECT 1: 26000
SELECT 1: 26000
SELECT 1: 26000
SELECT 2: 2
SELECT 1: 26000
SELECT 1: 1
TXT
