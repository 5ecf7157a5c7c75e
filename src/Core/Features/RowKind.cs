namespace Auie.Core.Features;

/// <summary>What one row of a feature set is. The numbers are stored.</summary>
public enum RowKind : byte
{
    /// <summary>A user: one row each.</summary>
    User = 0,

    /// <summary>An answer of a user: one row for each time that something was shown to them. Where the mean of a user's rows belongs, the user does.</summary>
    Answer = 1,

    /// <summary>A row of a table that is not about users.</summary>
    TableRow = 2,
}

/// <summary>The kinds of rows by the names that they have outside the engine.</summary>
public static class RowKinds
{
    public static string Name(this RowKind kind) => kind switch
    {
        RowKind.User => "user",
        RowKind.Answer => "answer",
        _ => "row",
    };
}
