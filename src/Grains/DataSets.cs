namespace Auie.Grains;

/// <summary>The names of what shards hold rows of: all users, or one table.</summary>
public static class DataSets
{
    /// <summary>Every user's facts; one shard a partition.</summary>
    public const string Users = "users";

    private const string TablePrefix = "table:";

    public static string Table(string name) => TablePrefix + name;

    /// <summary>Whether the data set is a table, and then which.</summary>
    public static bool IsTable(string dataSet, out string name)
    {
        name = dataSet.StartsWith(TablePrefix, StringComparison.Ordinal) ? dataSet[TablePrefix.Length..] : "";
        return name.Length > 0;
    }
}
