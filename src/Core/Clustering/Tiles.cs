namespace Auie.Core.Clustering;

/// <summary>
/// The layout of standardised rows: tiles of 64 rows, within a tile column by column, so that neighbouring lanes of a vector are
/// neighbouring rows. The last tile is padded with zeros.
/// </summary>
public static class Tiles
{
    /// <summary>Rows in a tile.</summary>
    public const int Rows = 64;

    /// <summary>How many tiles some rows need.</summary>
    public static int Count(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>How many floats the tiles of some rows hold.</summary>
    public static int Length(int rows, int columns) => checked(Count(rows) * Rows * columns);

    /// <summary>Where a row's value in a column stands.</summary>
    public static int Index(int row, int column, int columns) => ((row / Rows * columns) + column) * Rows + (row % Rows);

    /// <summary>Row-major values as tiles.</summary>
    public static float[] FromRows(ReadOnlySpan<float> values, int columns)
    {
        var rows = values.Length / columns;
        var tiles = new float[Length(rows, columns)];
        for (var row = 0; row < rows; row++)
        {
            var at = Index(row, 0, columns);
            for (var c = 0; c < columns; c++, at += Rows)
                tiles[at] = values[(row * columns) + c];
        }

        return tiles;
    }

    /// <summary>Copies one row out of its tile.</summary>
    public static void CopyRow(ReadOnlySpan<float> tiles, int row, Span<float> destination)
    {
        var at = Index(row, 0, destination.Length);
        for (var c = 0; c < destination.Length; c++, at += Rows)
            destination[c] = tiles[at];
    }
}
