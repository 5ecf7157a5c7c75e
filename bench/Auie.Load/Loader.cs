using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace Auie.Load;

/// <summary>Makes the load, and sums up what came of it.</summary>
internal sealed class Loader : IDisposable
{
    /// <summary>How many due requests may wait for a connection, for each connection there is.</summary>
    private const int WaitingPerConnection = 4;

    private const int MostReasons = 10;

    private readonly LoadOptions _options;
    private readonly LoadWorld _world;
    private readonly MessageSource _source;
    private readonly Target _target;
    private readonly AckLog _acks;
    private readonly Latencies _latencies = new();
    private readonly ConcurrentDictionary<int, long> _statuses = new();
    private readonly ConcurrentDictionary<string, byte> _reasons = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly string _path;
    private long _sent, _refused, _impostorsRefused, _impostorsTaken, _retried, _givenUp, _unsent, _measured, _reads, _printed;

    public Loader(LoadOptions options)
    {
        _options = options;
        _world = new LoadWorld(options);
        _source = new MessageSource(options);
        _target = new Target(options);
        _acks = new AckLog(options.Acks);
        var path = options.Requests switch
        {
            Requests.Events => "/api/events",
            Requests.Tracking => "/v1/batch",
            Requests.Import => "/api/import/events",
            _ => "/api/users/",
        };
        _path = Reads || options.Query is null ? path : $"{path}?{options.Query}";
    }

    private bool Reads => _options.Requests is Requests.Users or Requests.Segments;

    private double Elapsed => Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>What is said to the generator while it runs: a new address, or to stop.</summary>
    public void Tell(string? line)
    {
        if (line is null or "stop")
            End();
        else if (LoadOptions.Address(line) is { } address)
            _target.Move(address);
    }

    public async Task<LoadSummary> RunAsync()
    {
        using var seconds = _options.Seconds is { } time ? new Timer(_ => End(), null, TimeSpan.FromSeconds(time + _options.Warmup), Timeout.InfiniteTimeSpan) : null;
        await (_options.Rate is null ? WhenAnswered() : WhenDue());
        var measured = Math.Max(Elapsed - _options.Warmup, 1e-9);
        var (messages, acknowledged) = _source.Counts;
        return new LoadSummary(_sent, messages, acknowledged, _refused, _impostorsRefused, _impostorsTaken, _retried, _givenUp, _unsent,
            new SortedDictionary<int, long>(_statuses), [.. _reasons.Keys.Order()], measured, _measured / measured, _latencies.Summary());
    }

    private void End()
    {
        _source.End();
        _ended.Cancel();
    }

    /// <summary>Each connection makes its next request when the last one is answered.</summary>
    private Task WhenAnswered() => Task.WhenAll(Enumerable.Range(0, _options.Connections).Select(_ => Task.Run(async () =>
    {
        var request = new List<Message>();
        while (Prepare(request) is { } work)
            await work(Stopwatch.GetTimestamp());
    })));

    /// <summary>A request is made when it is due; it waits for a connection where none is free, and that time counts.</summary>
    private async Task WhenDue()
    {
        var due = Channel.CreateBounded<(Func<long, Task> Work, long Due)>(_options.Connections * WaitingPerConnection);
        var connections = Enumerable.Range(0, _options.Connections).Select(_ => Task.Run(async () =>
        {
            await foreach (var (work, since) in due.Reader.ReadAllAsync())
                await work(since);
        })).ToArray();
        var pace = new Thread(() => Pace(due.Writer)) { IsBackground = true };
        pace.Start();
        await Task.WhenAll(connections);
    }

    private void Pace(ChannelWriter<(Func<long, Task> Work, long Due)> due)
    {
        var requestsPerSecond = _options.Rate!.Value / (Reads ? 1 : _options.Batch);
        var begin = Stopwatch.GetTimestamp();
        for (long made = 0; !_ended.IsCancellationRequested;)
        {
            // A thread's sleep ends late by up to a millisecond or so: what was due meanwhile is made at once, and its time counts from then.
            for (var now = Stopwatch.GetTimestamp(); made < Stopwatch.GetElapsedTime(begin, now).TotalSeconds * requestsPerSecond; made++)
            {
                if (Prepare([]) is not { } work)
                {
                    due.Complete();
                    return;
                }

                if (!due.TryWrite((work, now)))
                    Interlocked.Add(ref _unsent, Reads ? 1 : _options.Batch);
            }

            Thread.Sleep(1);
        }

        due.Complete();
    }

    /// <summary>The next request, to be made; null where there is none any more.</summary>
    private Func<long, Task>? Prepare(List<Message> request)
    {
        if (Reads)
        {
            if (_ended.IsCancellationRequested || Interlocked.Increment(ref _reads) is var read && read > (_options.Count ?? long.MaxValue))
                return null;
            var user = _options.InOrder ? (int)((read - 1) % _options.Users) : new Draw(_options.Seed, read).Below(_options.Users);
            return since => ReadAsync(user, since);
        }

        _source.Take(request);
        if (request.Count == 0)
            return null;
        var body = Bodies.Of(_options.Requests, request.ConvertAll(message => message.Impostor ? _world.ImpostorOf(message.Number) : _world.EventOf(message.Number)));
        return since => SendAsync(request, body, since);
    }

    private async Task ReadAsync(int user, long since)
    {
        var answer = await _target.SendAsync(HttpMethod.Get, $"{_path}{_world.UserId(user)}{(_options.Requests == Requests.Segments ? "/segment" : "")}", null, CancellationToken.None);
        Count(answer);
        Measure(answer, since, 1);
    }

    private async Task SendAsync(List<Message> request, byte[] body, long since)
    {
        for (var attempt = 0; ; attempt++)
        {
            Interlocked.Add(ref _sent, request.Count);
            var answer = await _target.SendAsync(HttpMethod.Post, _path, body, CancellationToken.None);
            Count(answer);
            if (answer.IsFinal)
            {
                Settle(request, answer, since);
                return;
            }

            if (attempt >= _options.Retries)
            {
                Interlocked.Add(ref _givenUp, request.Count);
                return;
            }

            Interlocked.Increment(ref _retried);
            var backoff = answer.RetryAfter ?? TimeSpan.FromMilliseconds(Math.Min(20 << Math.Min(attempt, 10), 5_000));
            await _target.WaitAsync(backoff < TimeSpan.FromSeconds(_options.LongestWait) ? backoff : TimeSpan.FromSeconds(_options.LongestWait));
        }
    }

    private void Settle(List<Message> request, Answer answer, long since)
    {
        var refused = Bodies.Refused(answer.Body);
        var taken = new List<Message>(request.Count);
        for (var place = 0; place < request.Count; place++)
        {
            var good = answer.Status < 300 && !refused.ContainsKey(place);
            if (request[place].Impostor)
                Interlocked.Increment(ref good ? ref _impostorsTaken : ref _impostorsRefused);
            else if (good)
                taken.Add(request[place]);
            else
                Refuse(refused.GetValueOrDefault(place, $"status {answer.Status}"));
        }

        var fresh = new List<long>(taken.Count);
        _source.Acknowledge(taken, fresh);
        _acks.Add(fresh);
        Measure(answer, since, taken.Count);
        if (_options.Progress && fresh.Count > 0)
            PrintProgress();
    }

    private void Refuse(string reason)
    {
        Interlocked.Increment(ref _refused);
        if (_reasons.Count < MostReasons)
            _reasons.TryAdd(reason, 0);
    }

    private void Count(Answer answer) => _statuses.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);

    private void Measure(Answer answer, long since, int messages)
    {
        if (answer.Status is < 200 or >= 300 || Elapsed < _options.Warmup)
            return;
        _latencies.Add(since);
        Interlocked.Add(ref _measured, messages);
    }

    /// <summary>Never out of order, so that a reader can wait for a number.</summary>
    private void PrintProgress()
    {
        lock (_latencies)
        {
            var acknowledged = _source.Counts.Acknowledged;
            if (acknowledged > _printed)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"acknowledged {_printed = acknowledged}"));
        }
    }

    public void Dispose()
    {
        _target.Dispose();
        _acks.Dispose();
        _ended.Dispose();
    }
}
