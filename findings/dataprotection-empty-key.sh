#!/usr/bin/env bash
# Microsoft.AspNetCore.DataProtection 10.0.15 (NuGet): keys in a folder, and one file that a power cut left empty.
#
# Good guess: a key that can't be read is skipped with a warning, as a key that can't be decrypted is. The other keys go on working.
# Seen: one empty file among the keys makes every call throw XmlException, Protect and Unprotect alike, although the folder has a good key.
# With cookie authentication nobody can sign in, and nobody who is signed in is recognized, until somebody deletes the file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
cat > keys.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.AspNetCore.DataProtection" Version="10.0.15" />
    <PackageReference Include="Microsoft.Extensions.DependencyInjection" Version="10.0.15" />
  </ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

var folder = Directory.CreateDirectory("keys");
IDataProtector Protector()
{
    var services = new ServiceCollection();
    services.AddDataProtection().SetApplicationName("a").PersistKeysToFileSystem(folder);
    return services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>().CreateProtector("a");
}

var text = Protector().Protect("hello");
Console.WriteLine($"keys: {folder.GetFiles().Length}, read back: {Protector().Unprotect(text)}");
File.Create(Path.Combine("keys", $"key-{Guid.NewGuid()}.xml")).Dispose();
foreach (var (name, act) in new (string, Func<string>)[] { ("Protect", () => Protector().Protect("hello")), ("Unprotect", () => Protector().Unprotect(text)) })
{
    try
    {
        act();
        Console.WriteLine($"{name} beside an empty file: works");
    }
    catch (Exception failure)
    {
        for (; failure.InnerException is not null; failure = failure.InnerException) { }
        Console.WriteLine($"{name} beside an empty file: {failure.GetType().Name}");
    }
}
CS
dotnet run > all.txt 2> errors.txt || cat all.txt errors.txt
grep -E '^(keys|Protect|Unprotect)' all.txt | tee seen.txt
cat > wanted.txt <<'TXT'
keys: 1, read back: hello
Protect beside an empty file: XmlException
Unprotect beside an empty file: XmlException
TXT
diff seen.txt wanted.txt || { cat errors.txt; echo "This has changed."; exit 1; }
