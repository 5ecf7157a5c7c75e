namespace Auie.Load;

/// <summary>A message of a request: its number, and whether it only pretends to be it.</summary>
internal readonly record struct Message(long Number, bool Impostor);

/// <summary>
/// Deals out the messages to send: new ones in the order of their numbers, and among them those that are sent again though nothing failed.
/// Keeps which of them were acknowledged.
/// </summary>
internal sealed class MessageSource(LoadOptions options)
{
    /// <summary>How many messages later something is sent again "later".</summary>
    private const int Later = 5_000;

    private readonly Lock _lock = new();
    private readonly Queue<long> _atOnce = new();
    private readonly List<long> _forNext = [];
    private readonly PriorityQueue<long, long> _later = new();
    private ulong[] _acknowledged = new ulong[1024];
    private long _next;
    private bool _ended;

    /// <summary>How many different messages were dealt out, and how many of them were acknowledged.</summary>
    public (long Messages, long Acknowledged) Counts { get; private set; }

    /// <summary>No new messages any more; what waits to be sent again still is.</summary>
    public void End()
    {
        lock (_lock)
            _ended = true;
    }

    /// <summary>Fills a request; nothing in it says that all has been dealt out.</summary>
    public void Take(List<Message> request)
    {
        request.Clear();
        lock (_lock)
        {
            while (request.Count < options.Batch && Next(request) is { } number)
                request.Add(new Message(number, Impostor: false));
            foreach (var number in _forNext)
                _atOnce.Enqueue(number);
            _forNext.Clear();
            if (options.Impostors > 0 && request.Count > 0 && new Draw(options.Seed + 1L, request[0].Number) is var draw && draw.Share() < options.Impostors
                && (long)(draw.Share() * _next) is var chosen && IsAcknowledged(chosen))
            {
                request.Add(new Message(chosen, Impostor: true));
            }
        }
    }

    /// <summary>Notes the messages of a request that were acknowledged, and gives the numbers of those that were not before.</summary>
    public void Acknowledge(IEnumerable<Message> messages, List<long> fresh)
    {
        lock (_lock)
        {
            foreach (var (number, _) in messages)
            {
                if (IsAcknowledged(number))
                    continue;
                if (number / 64 >= _acknowledged.Length)
                    Array.Resize(ref _acknowledged, (int)Math.Max(number / 64 + 1, _acknowledged.Length * 2));
                _acknowledged[number / 64] |= 1UL << (int)(number % 64);
                fresh.Add(number);
            }

            Counts = Counts with { Acknowledged = Counts.Acknowledged + fresh.Count };
        }
    }

    private long? Next(List<Message> request)
    {
        if (_atOnce.TryDequeue(out var again))
            return again;
        var noMore = _ended || _next >= options.Count;
        if (_later.TryPeek(out again, out var due) && (due <= _next || noMore))
            return _later.Dequeue();
        if (noMore)
            return null;
        var number = _next++;
        Counts = Counts with { Messages = _next };
        var draw = new Draw(options.Seed + 2L, number);
        if (draw.Share() >= options.Duplicates)
            return number;
        switch (draw.Below(3))
        {
            case 0:
                request.Add(new Message(number, Impostor: false));
                break;
            case 1:
                // The next request takes it, while this one is still on its way.
                _forNext.Add(number);
                break;
            default:
                _later.Enqueue(number, _next + 1 + draw.Below(Later));
                break;
        }

        return number;
    }

    private bool IsAcknowledged(long number) => number / 64 < _acknowledged.Length && (_acknowledged[number / 64] >> (int)(number % 64) & 1) != 0;
}
