#!/usr/bin/env bash
# Refit 16.4.0 (NuGet) on .NET 10: an answer is in memory as a whole before the content serializer is asked for anything.
#
# Good guess: a method that returns Task<IApiResponse<T>> is sent with ResponseHeadersRead, so a serializer of one's own (IHttpContentSerializer) can read the
# body while it arrives: it may stop at a limit, or leave parts out.
# Seen: the headers are indeed awaited alone, but then the content is loaded into a buffer (HttpContent.LoadIntoBufferAsync) for both kinds of result, and the
# serializer gets a stream over that buffer: of an answer of 8 MB all 8 MB have been read when it is called.
# Only what a DelegatingHandler puts in place of response.Content can bound it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > answers.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
  <ItemGroup><PackageReference Include="Refit" Version="[16.4.0]" /></ItemGroup>
</Project>
XML
cat > Program.cs <<'CS'
using System.Reflection;
using Refit;

foreach (var kind in new[] { "plain", "response" })
{
    var server = new Server();
    var api = RestService.For<IApi>(new HttpClient(server) { BaseAddress = new("http://upstream.example") }, new RefitSettings(new Serializer(server)));
    Console.Write($"Task<{(kind == "plain" ? "T" : "IApiResponse<T>")}>: ");
    if (kind == "plain") await api.Plain(); else await api.Response();
}

public interface IApi
{
    [Get("/a")] Task<Answer> Plain();
    [Get("/a")] Task<IApiResponse<Answer>> Response();
}

public sealed record Answer;

sealed class Server : HttpMessageHandler
{
    public Body Sent = new();
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ended) =>
        Task.FromResult(new HttpResponseMessage { Content = new StreamContent(Sent), RequestMessage = request });
}

sealed class Serializer(Server server) : IHttpContentSerializer
{
    public HttpContent ToHttpContent<T>(T item) => throw new NotSupportedException();
    public string? GetFieldNameForProperty(PropertyInfo property) => null;
    public Task<T?> FromHttpContentAsync<T>(HttpContent content, CancellationToken ended = default)
    {
        Console.WriteLine($"when the serializer is called, {server.Sent.Taken >> 20} of 8 MB have been read");
        return Task.FromResult((T?)(object)new Answer());
    }
}

sealed class Body : Stream
{
    public long Taken;
    public override int Read(byte[] buffer, int offset, int count)
    {
        var piece = (int)Math.Min(count, (8 << 20) - Taken);
        Taken += piece;
        return piece;
    }
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => Taken; set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
CS
dotnet run --nologo -v quiet 2>&1 | tee seen
diff seen - <<'TXT'
Task<T>: when the serializer is called, 8 of 8 MB have been read
Task<IApiResponse<T>>: when the serializer is called, 8 of 8 MB have been read
TXT
