namespace Auie.Core.Items;

/// <summary>The words of an item, held once for all items that have the same, with the counts of each.</summary>
internal sealed class WordSet(string[] words, WordCounts[] counts)
{
    public string[] Words => words;

    public WordCounts[] Counts => counts;

    /// <summary>The number of the last search that came by: a look-up in a set of them costs more than all that is done with them.</summary>
    public long SearchedBy { get; set; }
}

/// <summary>Tells lists of words apart by what they hold.</summary>
internal sealed class SameWords : IEqualityComparer<IReadOnlyList<string>>
{
    public static SameWords Instance { get; } = new();

    public bool Equals(IReadOnlyList<string>? x, IReadOnlyList<string>? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.SequenceEqual(y));

    public int GetHashCode(IReadOnlyList<string> obj)
    {
        var hash = new HashCode();
        foreach (var word in obj)
            hash.Add(word);
        return hash.ToHashCode();
    }
}

/// <summary>The items that have a word by how many people want them, and how many people had any of them before them and want it.</summary>
internal sealed class WordCounts(string word)
{
    public string Word => word;

    /// <summary>As <see cref="WordSet.SearchedBy"/>.</summary>
    public long SearchedBy { get; set; }

    public SlotOrder MostWanted { get; } = new();

    public long Wanted { get; private set; }

    public long Seen { get; private set; }

    public void Add(int slot, int wanted, int seen)
    {
        MostWanted.Add(-wanted, slot);
        Wanted += wanted;
        Seen += seen;
    }

    public void Change(int slot, (int Wanted, int Seen) before, (int Wanted, int Seen) now)
    {
        Wanted += now.Wanted - before.Wanted;
        Seen += now.Seen - before.Seen;
        if (now.Wanted == before.Wanted)
            return;
        MostWanted.Remove(-before.Wanted, slot);
        MostWanted.Add(-now.Wanted, slot);
    }

    public void Remove(int slot, int wanted, int seen)
    {
        MostWanted.Remove(-wanted, slot);
        Wanted -= wanted;
        Seen -= seen;
    }
}
