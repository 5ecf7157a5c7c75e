using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// All of a user's state but who the friends and what the single answers are: traits, counts, sums and instants, a few hundred bytes.
/// A head alone gives every fact that features are made of. It is a fold: the same entries in any order, and heads merged in any
/// grouping, give the same head.
/// </summary>
public sealed class UserHead
{
    internal static readonly int Kinds = EntryKinds.All.Count;

    internal readonly long[] Counts = new long[Kinds];
    internal readonly List<(string Name, long Count)> PlatformCounts = [];
    internal readonly List<string> Anonymous = [];

    internal UserHead() : this(new UserTraits(), new RowTally(), new RowTally())
    {
    }

    internal UserHead(UserTraits traits, RowTally friends, RowTally items)
    {
        Traits = traits;
        FriendTally = friends;
        ItemTally = items;
    }

    internal RowTally FriendTally { get; }

    internal RowTally ItemTally { get; }

    /// <summary>The sum of amounts: never wrapped, so that sums in any grouping agree.</summary>
    internal Int128 SpentSum { get; set; }

    /// <summary>The offset of the last record that is folded in; 0 for none.</summary>
    public long Offset { get; internal set; }

    public UserTraits Traits { get; }

    /// <summary>How many entries of a kind there were.</summary>
    public long Count(EntryKind kind) => Counts[(int)kind - 1];

    /// <summary>How many entries there were; 0 for somebody whom only others mention.</summary>
    public long Entries => Counts.Sum();

    /// <summary>For each platform, in the order of names, how many entries came from it.</summary>
    public IReadOnlyList<(string Name, long Count)> Platforms => PlatformCounts;

    /// <summary>What was spent, in ten-thousandths of the currency unit; the largest number there is where it is more.</summary>
    public long Spent => (long)Int128.Clamp(SpentSum, long.MinValue, long.MaxValue);

    /// <summary>The earliest and the latest instant at which a dated entry shows the user's presence (<see cref="EntryKinds.ShowsPresence"/>).</summary>
    public DateTimeOffset? FirstSeen { get; internal set; }

    public DateTimeOffset? LastSeen { get; internal set; }

    /// <summary>The ids under which the person was seen before they were known, in the order of UTF-8.</summary>
    public IReadOnlyList<string> AnonymousIds => Anonymous;

    /// <summary>How many friends there are now.</summary>
    public int Friends => FriendTally.First(UserState.IsFriendNow);

    /// <summary>How many items have interested as the user's latest answer, not interested, and so on.</summary>
    public int Interested => ItemTally.First(UserState.IsInterested);

    public int NotInterested => ItemTally.First(UserState.IsNotInterested);

    public int Yes => ItemTally.Second(UserState.SaidYes);

    public int Maybe => ItemTally.Second(UserState.SaidMaybe);

    public int No => ItemTally.Second(UserState.SaidNo);

    /// <summary>How many different items the user was shown.</summary>
    public int ItemsShown => ItemTally.Shown;

    /// <summary>How many different items the user was shown or answered in any way: what rates of answers are of.</summary>
    public int ItemsShownOrAnswered => ItemTally.ShownOrAnswered;

    internal void Apply(Entry entry)
    {
        Counts[(int)entry.Kind - 1]++;
        if (entry.Kind.ShowsPresence() && entry.At != EntryValidation.Undated)
            See(entry.At, entry.At);
        SpentSum += entry.Kind == EntryKind.Purchased ? entry.Amount ?? 0 : 0;
        if (entry.Platform is not null)
            CountPlatform(entry.Platform, 1);
        if (entry.AnonymousId is not null)
            AddAnonymous(entry.AnonymousId);
        Traits.Set(entry.Traits, entry.At, entry.MessageId);
    }

    internal void Merge(UserHead other)
    {
        Offset = Math.Max(Offset, other.Offset);
        for (var i = 0; i < Counts.Length; i++)
            Counts[i] += other.Counts[i];
        SpentSum += other.SpentSum;
        if (other.FirstSeen is { } first && other.LastSeen is { } last)
            See(first, last);
        foreach (var (name, count) in other.PlatformCounts)
            CountPlatform(name, count);
        foreach (var id in other.Anonymous)
            AddAnonymous(id);
        Traits.Merge(other.Traits);
    }

    internal UserHead Copy()
    {
        var copy = new UserHead(Traits.Copy(), FriendTally.Copy(), ItemTally.Copy())
        {
            Offset = Offset,
            SpentSum = SpentSum,
            FirstSeen = FirstSeen,
            LastSeen = LastSeen,
        };
        Counts.CopyTo(copy.Counts, 0);
        copy.PlatformCounts.AddRange(PlatformCounts);
        copy.Anonymous.AddRange(Anonymous);
        return copy;
    }

    private void See(DateTimeOffset first, DateTimeOffset last)
    {
        if (FirstSeen is not { } earliest || IsBefore(first, earliest))
            FirstSeen = first;
        if (LastSeen is not { } latest || IsBefore(latest, last))
            LastSeen = last;
    }

    /// <summary>Of one instant seen at two offsets the smaller offset counts as before, so that the order of entries decides nothing.</summary>
    private static bool IsBefore(DateTimeOffset a, DateTimeOffset b) => a < b || (a == b && a.Offset < b.Offset);

    private void CountPlatform(string name, long by)
    {
        var place = 0;
        while (place < PlatformCounts.Count && Utf8Order.Instance.Compare(PlatformCounts[place].Name, name) < 0)
            place++;
        if (place < PlatformCounts.Count && PlatformCounts[place].Name == name)
            PlatformCounts[place] = (name, PlatformCounts[place].Count + by);
        else
            PlatformCounts.Insert(place, (name, by));
    }

    private void AddAnonymous(string id)
    {
        var place = Anonymous.BinarySearch(id, Utf8Order.Instance);
        if (place < 0)
            Anonymous.Insert(~place, id);
    }
}
