using System.IO.Compression;
using System.Net;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Replicate.Reading;
using Microsoft.AspNetCore.Http;
using Refit;

namespace GenApi.Tests.Replicate;

/// <summary>The memory of answers of many megabytes, in bytes and never in time.</summary>
public sealed class AnswerMemoryTests
{
    private const int Megabyte = 1 << 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_read_while_it_arrives_and_never_held_whole()
    {
        // All of it happens on this thread, as nothing here ever waits.
        using var http = new HttpClient(
            new AnswerLimitHandler { InnerHandler = new LongLog(40 * Megabyte) })
        { BaseAddress = new("http://upstream/v1") };
        var api = RestService.For<IReplicateApi>(http, new RefitSettings(new AnswerReader(new LargeAnswers(TimeProvider.System))));
        for (var round = 0; round < 2; round++)
        {
            var (thread, before) = (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());

            var answer = await api.GetAsync("abc", Cancel);

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(("abc", thread), (answer.Content?.Id, Environment.CurrentManagedThreadId));
            // One run first, so that one-time allocations don't count.
            Assert.True(round == 0 || allocated < 8 * Megabyte, $"{allocated} bytes");
        }
    }

    [Fact]
    public async Task A_small_answer_that_unpacks_to_more_than_is_read_is_given_up()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var megabyte = 0; megabyte < 65; megabyte++)
                await gzip.WriteAsync(new byte[Megabyte], Cancel);
        }
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.Body.WriteAsync(packed.ToArray(), Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        var fault = await ReplicateRig.FailsAsync(rig.Client.GetAsync("abc", Cancel));

        Assert.Equal((ErrorKind.UpstreamBadAnswer, true), (fault.Kind, fault.IsTransient));
        Assert.True(packed.Length < Megabyte, $"{packed.Length} bytes were sent");
    }

    /// <summary>A list of versions may have as much as a model with its schema, a quarter of what a prediction may have.</summary>
    [Fact]
    public async Task A_model_or_a_list_of_versions_beyond_sixteen_megabytes_is_given_up()
    {
        var piece = new string(' ', Megabyte);
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            for (var sent = 0; sent < 17 && !context.RequestAborted.IsCancellationRequested; sent++)
                await context.Response.WriteAsync(piece, Cancel);
            await context.Response.WriteAsync("""{"results":[],"owner":"a","name":"b"}""", Cancel);
        });
        await using var rig = new ReplicateRig(server.BaseUrl);

        Assert.Equal(ErrorKind.UpstreamBadAnswer, (await ReplicateRig.FailsAsync(rig.Client.GetModelAsync("a", "b", Cancel))).Kind);
        Assert.Equal(
            ErrorKind.UpstreamBadAnswer, (await ReplicateRig.FailsAsync(rig.Client.ListVersionsAsync("a", "b", null, Cancel))).Kind);
    }

    /// <summary>An upstream without a socket, whose answers are there at once.</summary>
    private sealed class LongLog(int bytes) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(
                new Text($$"""{"id":"abc","status":"processing","logs":"{{new string('l', 1000)}}""", bytes, "\"}"));
            content.Headers.ContentType = new("application/json");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request });
        }
    }

    /// <summary>A beginning, as many letters as were asked for, and an end.</summary>
    private sealed class Text(string beginning, int letters, string end) : ReadOnlyStream
    {
        private readonly byte[] _beginning = Encoding.UTF8.GetBytes(beginning), _end = Encoding.UTF8.GetBytes(end);
        private int _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var (first, middle) = (_beginning.Length, _beginning.Length + letters);
            var count = Math.Min(buffer.Length, (_at < first ? first : _at < middle ? middle : middle + _end.Length) - _at);
            var piece = buffer.Span[..count];
            if (_at < first)
                _beginning.AsSpan(_at, count).CopyTo(piece);
            else if (_at < middle)
                piece.Fill((byte)'l');
            else
                _end.AsSpan(_at - middle, count).CopyTo(piece);
            _at += count;
            return ValueTask.FromResult(count);
        }
    }
}
