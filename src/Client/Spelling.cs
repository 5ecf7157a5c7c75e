namespace Auie.Client;

/// <summary>What somebody may have meant who misspelt a name.</summary>
public static class Spelling
{
    /// <summary>Of names the one that takes fewest changes; null of none.</summary>
    public static string? Closest(string given, IEnumerable<string> names) => names.MinBy(name => Edits(name, given));

    /// <summary>How many letters have to be put in, taken out or changed to make one word of the other (Levenshtein), whatever their case.</summary>
    public static int Edits(string a, string b)
    {
        var before = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var now = new int[b.Length + 1];
            now[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                now[j] = Math.Min(Math.Min(before[j], now[j - 1]) + 1, before[j - 1] + (same ? 0 : 1));
            }

            before = now;
        }

        return before[^1];
    }
}
