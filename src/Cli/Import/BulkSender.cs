using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Auie.Client.Http;

namespace Auie.Cli.Import;

/// <summary>
/// Sends batches, several at a time, and sends again what the engine did not take for being busy or out of reach; as it leaves out what it has, a batch
/// that arrived and was not answered does no harm.
/// </summary>
internal sealed class BulkSender(ImportOptions options, ImportProgress progress, TimeProvider time, CancellationToken cancellationToken) : IAsyncDisposable
{
    private const int RefusalsShown = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200), LongestPause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _free = new(options.InFlight);
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly List<string> _refusals = [];
    private Exception? _failure;
    private volatile bool _answered;
    private long _facts, _added, _known, _refused, _lastTaken = time.GetTimestamp();

    /// <summary>How many facts are with the engine.</summary>
    public long Facts => Interlocked.Read(ref _facts);

    public long Added => Interlocked.Read(ref _added);

    public long Known => Interlocked.Read(ref _known);

    /// <summary>How many events the engine refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>The first refusals, in words.</summary>
    public IReadOnlyList<string> Refusals => _refusals;

    public ArrayBufferWriter<byte> Rent() => _buffers.TryTake(out var buffer) ? buffer : new ArrayBufferWriter<byte>(options.BatchBytes + (options.BatchBytes / 4));

    /// <summary>Counts facts as being with the engine, or as needing nothing there.</summary>
    public void Count(long facts)
    {
        Interlocked.Add(ref _facts, facts);
        progress.Add(facts);
    }

    /// <summary>Sends a batch as soon as there are not too many on their way, and returns when it is on its way.</summary>
    /// <param name="facts">How many facts the batch brings.</param>
    public async ValueTask Post(ArrayBufferWriter<byte> body, long facts, Func<HttpContent, CancellationToken, Task<ImportReceipt>> send)
    {
        await Wait();
        _ = Deliver(body, facts, send);
    }

    /// <summary>Waits until everything is answered.</summary>
    public async Task Finish()
    {
        var taken = 0;
        try
        {
            for (; taken < options.InFlight; taken++) await Wait();
        }
        finally
        {
            if (taken > 0) _free.Release(taken);
        }
    }

    /// <summary>
    /// Does something with the engine, again and again while it is busy or out of reach, and until it has taken nothing for as long as there is
    /// patience; once more at least, as the first call may have taken longer than that.
    /// </summary>
    public async Task<T> Persist<T>(Func<CancellationToken, Task<T>> call)
    {
        var (began, pause) = (time.GetTimestamp(), FirstPause);
        for (var isFirst = true; ; isFirst = false)
        {
            TimeSpan wait;
            try
            {
                var answer = await call(_stop.Token);
                _answered = true;
                Interlocked.Exchange(ref _lastTaken, time.GetTimestamp());
                return answer;
            }
            catch (AuieHttpException answer) when (IsPassing(answer.Status))
            {
                _answered = true;
                wait = answer.RetryAfter ?? Scattered(pause);
                if (!isFirst && IsOver(began, wait)) throw GivenUp(answer.Message);
            }
            catch (Exception exception) when (_answered && IsBroken(exception))
            {
                wait = Scattered(pause);
                if (!isFirst && IsOver(began, wait)) throw GivenUp(exception.Message);
            }

            await Task.Delay(wait < options.Patience ? wait : options.Patience, time, _stop.Token);
            pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks));
        }
    }

    public async ValueTask DisposeAsync()
    {
        // What is on its way is given up; it may have arrived, and the next run finds out.
        await _stop.CancelAsync();
        for (var i = 0; i < options.InFlight; i++) await _free.WaitAsync(CancellationToken.None);
        _stop.Dispose();
        _free.Dispose();
    }

    private async Task Wait()
    {
        try
        {
            await _free.WaitAsync(_stop.Token);
        }
        catch (OperationCanceledException) when (_failure is not null && !cancellationToken.IsCancellationRequested)
        {
            throw _failure;
        }

        if (_failure is null) return;
        _free.Release();
        throw _failure;
    }

    private async Task Deliver(ArrayBufferWriter<byte> body, long facts, Func<HttpContent, CancellationToken, Task<ImportReceipt>> send)
    {
        try
        {
            var receipt = await Persist(async token =>
            {
                using var content = new ReadOnlyMemoryContent(body.WrittenMemory);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
                return await send(content, token);
            });
            Interlocked.Add(ref _added, receipt.Added);
            Interlocked.Add(ref _known, receipt.Known);
            if (receipt.Refused.Length > 0) Note(receipt, body.WrittenMemory);
            Count(facts);
            body.ResetWrittenCount();
            _buffers.Add(body);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, exception, null);
            await _stop.CancelAsync();
        }
        finally
        {
            _free.Release();
        }
    }

    private void Note(ImportReceipt receipt, ReadOnlyMemory<byte> body)
    {
        Interlocked.Add(ref _refused, receipt.Refused.Length);
        using var batch = JsonDocument.Parse(body);
        var events = batch.RootElement.EnumerateObject().Single().Value;
        lock (_refusals)
        {
            foreach (var refusal in receipt.Refused.Take(RefusalsShown - _refusals.Count))
            {
                var about = events[refusal.Index].EnumerateObject().Take(2).Select(member => member.Value.GetString());
                _refusals.Add($"{string.Join(", ", about)}: {refusal.Field}: {refusal.Reason}");
            }
        }
    }

    private static TimeSpan Scattered(TimeSpan pause) => pause * (1 + Random.Shared.NextDouble());

    private bool IsOver(long began, TimeSpan wait) => time.GetElapsedTime(Math.Max(began, Interlocked.Read(ref _lastTaken))) + wait > options.Patience;

    private CliException GivenUp(string reason) => new(ExitCodes.TryAgain, $"the engine took nothing more for {options.Patience.TotalSeconds:N0} seconds: {reason}");

    public static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout;

    private static bool IsBroken(Exception exception) =>
        exception is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException };
}
