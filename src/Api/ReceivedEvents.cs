using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Auie.Abstractions;
using Auie.Api.Tracking;

namespace Auie.Api;

/// <summary>What this process was sent since it started, counted. Nothing that a sender wrote is kept.</summary>
public sealed partial class ReceivedEvents(AuieApiOptions options, TimeProvider time)
{
    /// <summary>Of more reasons the others are told together.</summary>
    private const int MostReasons = 200;

    private readonly Lock _lock = new();
    private readonly DateTimeOffset _since = time.GetUtcNow();
    private readonly Dictionary<string, long> _kinds = [];
    private readonly Dictionary<(string Field, string Reason), long> _refused = [];
    private long _accepted, _known, _late, _leftOut;

    /// <param name="refused">By the class of the field that was wrong, and why.</param>
    internal void Add(int accepted, int known, IEnumerable<(string Field, string Reason)> refused)
    {
        lock (_lock)
        {
            _accepted += accepted;
            _known += known;
            foreach (var (field, reason) in refused)
            {
                var key = (field, Quoted().Replace(reason, "…"));
                if (_refused.Count >= MostReasons && !_refused.ContainsKey(key)) key = (field, "other reasons");
                CollectionsMarshal.GetValueRefOrAddDefault(_refused, key, out _)++;
            }
        }
    }

    /// <param name="refused">The places of those that the engine refused.</param>
    /// <param name="areLive">Whether they are sent as they happen, so that one may be late.</param>
    internal void Add(IReadOnlyList<UserEvent> events, IReadOnlySet<int> refused, bool areLive, int leftOut = 0)
    {
        var lateBefore = time.GetUtcNow() - options.TrackingLag;
        lock (_lock)
        {
            _leftOut += leftOut;
            foreach (var one in events.Where((_, place) => !refused.Contains(place)))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_kinds, one.Kind, out _)++;
                if (areLive && one.At < lateBefore && one.At != TrackingLimits.Earliest) _late++;
            }
        }
    }

    public ReceivedView View()
    {
        lock (_lock)
        {
            return new ReceivedView(_since, _accepted, _known,
                [.. _refused.OrderByDescending(one => one.Value).ThenBy(one => one.Key).Select(one => new RefusedView(one.Key.Field, one.Key.Reason, one.Value))],
                new(_kinds), _late, options.TrackingLag.TotalSeconds, _leftOut);
        }
    }

    /// <summary>What a reason quotes.</summary>
    [GeneratedRegex(@"(?<!\w)'[^']*'", RegexOptions.None, 1_000)]
    private static partial Regex Quoted();
}
