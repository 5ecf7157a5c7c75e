using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>Three hours of the day in which something was shown, and how interest in it compares.</summary>
/// <param name="Group">Whose clock and whose interest: a locale, or "" for everybody.</param>
/// <param name="From">The first hour, on the user's own clock.</param>
/// <param name="To">The hour at which it ends; of one that passes midnight it is of the next day.</param>
/// <param name="Lift">How much higher the rate is here than in the group's other hours.</param>
/// <param name="Q">Corrected for all windows of all groups.</param>
public sealed record SendWindow(string Group, int From, int To, Rate Rate, Effect Lift, double Q)
{
    /// <summary>A rate that a test tells from the group's others.</summary>
    public bool StandsOut => Q <= FalseDiscoveries.Level;

    /// <summary>The lift's interval if this is the best of the group's windows: all of theirs hold at once in 95 of 100 cases, so that of whichever looks best does.</summary>
    public Interval AsBest { get; init; } = Interval.Unknown;
}

/// <summary>When to send: interest by three hours of the day, beginning at every hour, on the user's own clock, for everybody and for the groups with most showings.</summary>
public static class SendWindows
{
    private const int Groups = 5;

    /// <summary>Windows of fewer showings are left out: their spread cannot be told.</summary>
    private const int Fewest = 50;

    public static SendWindow[] Of(Showings showings, ShownCategory groups)
    {
        var largest = groups.Values.Where(value => value.Length > 0).CountBy(value => value).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal)
            .Take(Groups).Select(one => one.Key);
        var windows = new List<SendWindow>();
        foreach (var group in largest.Prepend(""))
        {
            var first = windows.Count;
            int[] rows = [.. Enumerable.Range(0, showings.Count).Where(i => group.Length == 0 || groups.Values[i] == group)];
            double[] interested = [.. rows.Select(i => showings.Interested[i])];
            int[] users = [.. rows.Select(i => showings.Users[i])];
            for (var from = 0; from < RhythmTally.Windows; from++)
            {
                var here = Here(from);
                int[] inside = [.. Enumerable.Range(0, rows.Length).Where(i => here[i] > 0)];
                if (inside.Length < Fewest) continue;
                windows.Add(new SendWindow(group, from, RhythmTally.EndOf(from), Rate.Of([.. inside.Select(i => interested[i])], [.. inside.Select(i => users[i])]),
                    Effect.Raw(here, interested, users), double.NaN));
            }

            for (var i = first; i < windows.Count; i++)
                windows[i] = windows[i] with { AsBest = Effect.Raw(Here(windows[i].From), interested, users, windows.Count - first).Interval };

            double[] Here(int from) => [.. rows.Select(i => (showings.LocalTimes[i].Hour - from + RhythmTally.Windows) % RhythmTally.Windows < RhythmTally.WindowHours ? 1.0 : 0)];
        }

        var q = FalseDiscoveries.Adjust([.. windows.Select(window => window.Lift.P)]);
        return [.. windows.Select((window, i) => window with { Q = q[i] })];
    }
}
