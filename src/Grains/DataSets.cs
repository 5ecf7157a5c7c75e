using Auie.Abstractions;

namespace Auie.Grains;

/// <summary>The names of what shards hold rows of: all users, or one table.</summary>
public static class DataSets
{
    /// <summary>Every user's facts; one shard a partition.</summary>
    public const string Users = GrainKeys.Users;

    private const string TablePrefix = "table:";

    /// <summary>A table; one that is made anew under the same name is another data set.</summary>
    public static string Table(string name, long generation) => $"{TablePrefix}{name}@{generation}";

    /// <summary>Whether the data set is a table, and then which: its name and generation.</summary>
    public static bool IsTable(string dataSet, out string table)
    {
        table = dataSet.StartsWith(TablePrefix, StringComparison.Ordinal) ? dataSet[TablePrefix.Length..] : "";
        return table.Length > 0;
    }
}
