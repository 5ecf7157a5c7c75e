using Auie.Core.Items;
using Auie.Core.Recommendation;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>
/// Somebody of a <see cref="ShowingSample"/>: what they were shown by what the journal still has, what came of each showing, and what is known of them. What they said of an item counts for
/// the last time that it was shown to them before.
/// </summary>
public sealed class SampledUser
{
    /// <summary>How many of one user's steps are looked at, the latest, so that nobody makes up a sample alone.</summary>
    public const int MostSteps = 1_000;

    private SampledUser(string user, UserState state, int segment)
    {
        Segment = segment;
        var head = state.Head;
        Hash = StableHash.OfKey(user);
        (BirthYear, Gender, JoinedAt) = (head.Traits.BirthYear, head.Traits.Gender, head.Traits.JoinedAt?.UtcTicks);
        (Point, Place) = (UserAudience.PointOf(head.Traits), head.Traits.Place ?? "");
        ZoneMinutes = UserZone.Of(new UserFacts(head), head.Traits.Locale ?? "").Minutes;
        Friends = new Dictionary<ulong, long>(head.Friends);
        foreach (var (friend, since) in state.FriendsDated()) Friends[StableHash.OfKey(friend)] = since?.UtcTicks ?? 0;
    }

    internal ulong Hash { get; }

    /// <summary>Below 0 for none.</summary>
    internal int Segment { get; }

    internal int? BirthYear { get; }

    internal string? Gender { get; }

    internal long? JoinedAt { get; }

    internal GeoPoint? Point { get; }

    internal string Place { get; }

    internal int ZoneMinutes { get; }

    /// <summary>The hashes of friends, and since when they are, in ticks; 0 where nobody knows.</summary>
    internal Dictionary<ulong, long> Friends { get; }

    /// <summary>In the order of time, those of one instant in that of items' ids.</summary>
    internal SampledShowing[] Showings { get; private set; } = [];

    /// <summary>What the user was interested in, said yes to, came to or bought, and when.</summary>
    internal List<(string Item, long Ticks)> Wants { get; } = [];

    /// <param name="state">What is known of the user now.</param>
    /// <param name="records">What the journal has of them, in its order.</param>
    /// <param name="segment">In which segment they are now; below 0 for none.</param>
    public static SampledUser Of(string user, UserState state, IEnumerable<UserRecord> records, int segment = -1)
    {
        var of = new SampledUser(user, state, segment);
        var steps = records.Where(record => record.PassedOnTo is null).SelectMany(record => record.Entries)
            .Where(entry => entry.Item is not null && entry.At != EntryValidation.Undated && entry.Kind.IsStep())
            .TakeLast(MostSteps).OrderBy(entry => entry.At.UtcTicks).ThenBy(entry => entry.Kind).ThenBy(entry => entry.Item, StringComparer.Ordinal).ToArray();
        var invited = steps.Where(entry => entry.Kind == EntryKind.Invited).GroupBy(entry => entry.Item!).ToDictionary(same => same.Key, same => same.Min(entry => entry.At.UtcTicks));
        var (showings, last) = (new List<SampledShowing>(), new Dictionary<string, SampledShowing>());
        foreach (var entry in steps)
        {
            var (item, ticks) = (entry.Item!, entry.At.UtcTicks);
            if (entry.Kind is EntryKind.Interested or EntryKind.Yes or EntryKind.Purchased or EntryKind.Came) of.Wants.Add((item, ticks));
            if (entry.Kind != EntryKind.Shown)
            {
                last.GetValueOrDefault(item)?.Take(entry.Kind);
            }
            else if (last.GetValueOrDefault(item)?.Ticks != ticks)
            {
                last[item] = new SampledShowing(item, ticks, invited.TryGetValue(item, out var at) && at <= ticks);
                showings.Add(last[item]);
            }
        }

        of.Showings = [.. showings];
        return of;
    }
}

/// <summary>That an item was shown to a user, what came of it, and what others had said of the item before.</summary>
internal sealed class SampledShowing(string item, long ticks, bool isInvited)
{
    public string Item => item;

    public long Ticks => ticks;

    public bool IsInvited => isInvited;

    public bool Interested { get; private set; }

    public bool NotInterested { get; private set; }

    public bool Viewed { get; private set; }

    public bool SaidYes { get; private set; }

    public bool Bought { get; private set; }

    /// <summary>Others than the user, before.</summary>
    public (int Yes, int Maybe, int No, int Invited) Others { get; set; }

    /// <summary>Of the user's friends, before.</summary>
    public (int Yes, int Invited) OfFriends { get; set; }

    /// <summary>The latest answer counts.</summary>
    public void Take(EntryKind kind)
    {
        switch (kind)
        {
            case EntryKind.Interested or EntryKind.NotInterested: (Interested, NotInterested) = (kind == EntryKind.Interested, kind == EntryKind.NotInterested); break;
            case EntryKind.Yes or EntryKind.Maybe or EntryKind.No: SaidYes = kind == EntryKind.Yes; break;
            case EntryKind.Viewed: Viewed = true; break;
            case EntryKind.Purchased: Bought = true; break;
        }
    }
}
