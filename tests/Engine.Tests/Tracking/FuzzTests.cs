using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Api;
using Auie.Api.Tracking;
using Auie.Core.Users;
using Auie.Engine.Tests.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace Auie.Engine.Tests.Tracking;

/// <summary>
/// Bodies as nobody should send them: whatever comes is taken or refused with a reason, and nothing fails. AUIE_FUZZ_ROUNDS (1 unless set) multiplies how
/// many are tried.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("AUIE_FUZZ_ROUNDS") ?? "1", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_a_body_holds_it_is_taken_or_refused_with_a_reason(int seed)
    {
        var (options, bodies, taken, refused) = (new AuieApiOptions { TrackingEventBytes = 4_000 }, new Bodies(seed), 0, 0);
        for (var i = 0; i < 3_000 * Rounds; i++)
        {
            var body = bodies.Next();
            try
            {
                TrackingBody.WriteKeyIn(body);
                var mapped = TrackingBody.ReadBatch(body, TrackingMapping.BuiltIn, options, Mapped.ReceivedAt);
                Check(mapped);
                taken += mapped.Users.Count + mapped.Items.Count;
                refused += mapped.AllRefused([], []).Length;
                Check(TrackingBody.ReadOne(body, "track", TrackingMapping.BuiltIn, options, Mapped.ReceivedAt));
            }
            catch (Exception exception) when (exception is JsonException or InvalidRequestException)
            {
                exception.Message.ShouldNotBeEmpty();
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, body {i}: {Convert.ToBase64String(body)}", exception);
            }
        }

        output.WriteLine($"seed {seed}: {taken} events made, {refused} messages refused");
        taken.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(100);
    }

    /// <summary>What is made is what the journal takes.</summary>
    private static void Check(MappedEvents mapped)
    {
        var refused = mapped.AllRefused([], []);
        refused.ShouldAllBe(refusal => refusal.Reason.Length > 0 && refusal.Index < mapped.Count);
        refused.Length.ShouldBeLessThanOrEqualTo(mapped.Count);
        foreach (var made in mapped.Users)
        {
            CheckId(made.UserId);
            CheckId(made.MessageId);
            foreach (var id in new[] { made.AnonymousId, made.Item, made.Platform, made.Channel, made.Name, made.PreviousId }.Concat(made.FriendsAdded ?? []).Concat(made.FriendsRemoved ?? []))
            {
                if (id is not null) CheckId(id);
            }

            made.At.ShouldBeInRange(EntryValidation.Earliest, Mapped.ReceivedAt);
            if (made.Amount is { } amount) amount.ShouldBeInRange(0, EntryValidation.LargestAmount);
            CheckTraits(made.Traits);
        }

        foreach (var made in mapped.Items)
        {
            CheckId(made.ItemId);
            CheckId(made.MessageId);
            CheckTraits(made.Traits);
        }
    }

    private static void CheckId(string id) => EntryValidation.CheckUser(id).ShouldBeNull();

    private static void CheckTraits(Dictionary<string, string>? traits)
    {
        if (traits is null) return;
        EntryValidation.Check(new Entry { MessageId = "m", At = Mapped.ReceivedAt, Kind = EntryKind.Identify, Traits = traits }).ShouldBeEmpty();
    }

    [Fact]
    public async Task Over_http_nothing_fails_and_every_refusal_has_a_reason()
    {
        using var log = new Failures();
        await using var server = await ApiServer.Start(new AuieApiOptions { TrackingBatchBytes = 30_000 }, builder => builder.Logging.AddProvider(log));
        string[] paths = ["/v1/batch", "/v1/track", "/v1/identify", "/v1/page", "/v1/group", "/v1/alias", "/api/events"];
        const int seed = 4;
        output.WriteLine($"seed {seed}");
        var (bodies, random) = (new Bodies(seed), new Random(seed));
        for (var i = 0; i < 500 * Rounds; i++)
        {
            var body = bodies.Next();
            (string, string)[] headers = [];
            if (random.Next(3) == 0)
            {
                headers = [("Content-Encoding", "gzip")];
                body = random.Next(8) switch
                {
                    0 => body,
                    1 => Part(TrackingApiTests.Gzip(body), random),
                    2 => Changed(TrackingApiTests.Gzip(body), random),
                    3 => TrackingApiTests.Gzip(new string('[', 1 << 20)),
                    _ => TrackingApiTests.Gzip(body),
                };
            }

            var path = paths[random.Next(paths.Length)];
            var answer = await server.Send(path, body, headers);
            var what = $"body {i} to {path}: {answer.Body}";
            ((int)answer.Status).ShouldBeLessThan(500, what);
            if ((int)answer.Status >= 400) answer.Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty(what);
            else answer.Json.GetProperty("refused").EnumerateArray().ShouldAllBe(one => one.GetProperty("reason").GetString()!.Length > 0, what);
        }

        (await server.Get("/health/ready")).Status.ShouldBe(HttpStatusCode.OK);
        log.Logged.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n", "zz\r\n")]
    [InlineData("Content-Length: x\r\n", "")]
    [InlineData("Content-Length: 4\r\nContent-Encoding: gzip\r\n", "abcd")]
    [InlineData("Content-Length: 8\r\n", "{\"batch\"")]
    public async Task A_body_that_is_framed_wrongly_is_a_bad_request(string header, string body)
    {
        using var log = new Failures();
        await using var server = await ApiServer.Start(configure: builder => builder.Logging.AddProvider(log));
        using var socket = await Open(server.Address, header + "Connection: close\r\n", body);
        await using var stream = new NetworkStream(socket);
        (await ReadToEnd(stream)).ShouldStartWith("HTTP/1.1 400 ");
        log.Logged.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Content-Length: 1000\r\n", "{\"batch\":[")]
    [InlineData("Content-Length: 1000\r\nContent-Encoding: gzip\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5\r\n{\"bat")]
    public async Task A_body_that_ends_too_soon_is_no_failure_and_the_next_one_is_served(string header, string body)
    {
        using var log = new Failures();
        await using var server = await ApiServer.Start(configure: builder => builder.Logging.AddProvider(log));
        using var socket = await Open(server.Address, header, body);
        await using var stream = new NetworkStream(socket);
        socket.Shutdown(SocketShutdown.Send);
        // The server may take a sender who has stopped sending for one who has gone, and close, or reset, without a word.
        (await ReadWhatComes(stream)).ShouldNotContain("HTTP/1.1 5");
        (await server.Send(HttpMethod.Post, "/v1/batch", """{"batch":[]}""")).Status.ShouldBe(HttpStatusCode.OK);
        await server.StopAsync();
        log.Logged.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sender_that_hangs_up_in_the_middle_is_no_failure()
    {
        using var log = new Failures();
        await using var server = await ApiServer.Start(configure: builder => builder.Logging.AddProvider(log));
        for (var i = 0; i < 20; i++)
        {
            using var socket = await Open(server.Address, "Content-Length: 1000\r\n", "{\"batch\":[");
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        (await server.Send(HttpMethod.Post, "/v1/batch", """{"batch":[]}""")).Status.ShouldBe(HttpStatusCode.OK);
        await server.StopAsync();
        log.Logged.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_given_up()
    {
        using var log = new Failures();
        await using var server = await ApiServer.Start(configure: builder =>
        {
            builder.Logging.AddProvider(log);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(1_000_000, TimeSpan.FromSeconds(1.01)));
        });
        using var socket = await Open(server.Address, "Content-Length: 1000\r\n", "{\"batch\":[");
        await using var stream = new NetworkStream(socket);
        var answer = await ReadToEnd(stream);
        answer.ShouldStartWith("HTTP/1.1 408 ");
        answer.ShouldContain("too_slow");
        log.Logged.ShouldBeEmpty();
    }

    private static byte[] Part(byte[] bytes, Random random) => bytes[..random.Next(bytes.Length)];

    private static byte[] Changed(byte[] bytes, Random random)
    {
        // Of nothing gzip makes nothing.
        if (bytes.Length > 0) bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
        return bytes;
    }

    private static async Task<Socket> Open(Uri address, string header, string body)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/batch HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\n{header}\r\n{body}"));
        return socket;
    }

    private static async Task<string> ReadWhatComes(NetworkStream stream)
    {
        try
        {
            return await ReadToEnd(stream);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task<string> ReadToEnd(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>What is logged as a failure.</summary>
    private sealed class Failures : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Logged { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Logged.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
