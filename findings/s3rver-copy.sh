#!/usr/bin/env bash
# AWSSDK.S3 4.1.0 (NuGet) copies an object on s3rver 3.7.1 (npm), a small S3 server of the kind that tests use.
#
# Good guess: CopyObject from and to the same bucket works wherever PutObject and GetObject do, and where it does not, the server says that
# it lacks the operation.
# Seen:
#   * The SDK writes the slash between bucket and key as %2F in x-amz-copy-source, which S3 accepts. s3rver decodes the header as an address,
#     in which %2F stays, takes all of it for the bucket's name, and answers 404 NoSuchBucket about a bucket that exists.
#   * A client that takes NoSuchBucket for a missing bucket looks for the fault in its settings.
#   * ListMultipartUploads is 501 NotImplemented, although uploads in parts themselves work: who sweeps up what was abandoned must allow
#     for that.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
npm init -y > /dev/null
npm install --silent --no-audit --no-fund s3rver@3.7.1 > /dev/null 2>&1
mkdir data client
node -e '
const S3rver = require("s3rver");
new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory: "data", configureBuckets: [{ name: "pictures" }] })
  .run().then(({ port }) => require("fs").writeFileSync("port", String(port)));
' > /dev/null 2>&1 &
cd client
cat > client.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="AWSSDK.S3" Version="4.1.0" /></ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

var client = new AmazonS3Client("S3RVER", "S3RVER", new AmazonS3Config
{
    ServiceURL = $"http://127.0.0.1:{args[0]}",
    ForcePathStyle = true,
    MaxErrorRetry = 0,
    RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
});
client.BeforeRequestEvent += (_, e) =>
{
    if (e is WebServiceRequestEventArgs { Headers: var headers } && headers.TryGetValue("x-amz-copy-source", out var source))
        Console.WriteLine($"source: {source}");
};
await client.PutObjectAsync(new PutObjectRequest { BucketName = "pictures", Key = "a/fox", ContentBody = "fox", UseChunkEncoding = false });
await TryAsync("copy", () => client.CopyObjectAsync("pictures", "a/fox", "pictures", "b/fox"));
await TryAsync("list uploads", () => client.ListMultipartUploadsAsync("pictures"));
var begun = await client.InitiateMultipartUploadAsync("pictures", "c/fox");
Console.WriteLine($"upload in parts: {(int)begun.HttpStatusCode}");

static async Task TryAsync(string name, Func<Task> call)
{
    try
    {
        await call();
        Console.WriteLine($"{name}: works");
    }
    catch (AmazonS3Exception failure)
    {
        Console.WriteLine($"{name}: {(int)failure.StatusCode} {failure.ErrorCode}");
    }
}
CS
dotnet build --nologo -v quiet -o out > build.log || { cat build.log; exit 1; }
for _ in $(seq 100); do [ -s ../port ] && break; sleep 0.1; done
dotnet out/client.dll "$(cat ../port)" | tee seen.txt
cat > wanted.txt <<'TXT'
source: pictures%2Fa%2Ffox
copy: 404 NoSuchBucket
list uploads: 501 NotImplemented
upload in parts: 200
TXT
diff seen.txt wanted.txt || { echo "This has changed."; exit 1; }
