namespace Auie.Silo.Demo;

/// <summary>
/// What clustering sees of a demo world, one row a user in the order of their numbers, without running the engine: birth year (NaN where
/// missing), number of friends, and the shares of shown items that the user is interested in and turned down, 0 to 1.
/// </summary>
/// <param name="Values">The columns of the first row, then of the second…</param>
/// <param name="Kinds">The planted kind of every row.</param>
public sealed record DemoTable(IReadOnlyList<string> Columns, double[] Values, int[] Kinds)
{
    public int Rows => Kinds.Length;
}
