namespace Auie.Grains;

/// <summary>Which ids an example of a report of an import holds: those that stand in it as a whole, and not as a part of a longer one.</summary>
internal static class ExampleIds
{
    /// <summary>Whatever in it may be an id: all of it, and what stands between blanks and marks.</summary>
    public static IEnumerable<string> Of(string example)
    {
        yield return example;
        for (var start = 0; start < example.Length; start++)
        {
            var end = start;
            while (end < example.Length && !IsBetween(example[end]))
                end++;
            if (end > start && end - start < example.Length)
                yield return example[start..end];
            start = end;
        }
    }

    /// <summary>Whether an example holds an id, which may itself hold blanks and marks.</summary>
    public static bool Holds(string example, string id)
    {
        for (var at = example.IndexOf(id, StringComparison.Ordinal); at >= 0; at = example.IndexOf(id, at + 1, StringComparison.Ordinal))
        {
            var end = at + id.Length;
            if ((at == 0 || IsBetween(example[at - 1])) && (end == example.Length || IsBetween(example[end])))
                return true;
        }

        return false;
    }

    private static bool IsBetween(char mark) => char.IsWhiteSpace(mark) || mark is ',' or ';' or '|' or '"' or '\'' or '[' or ']' or '(' or ')' or '{' or '}';
}
