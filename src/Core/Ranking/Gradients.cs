namespace Auie.Core.Ranking;

/// <summary>
/// First and second derivatives of the loss, of each row, as whole multiples of powers of two: sums of them are exact, so that neither the order of
/// rows nor the number of threads changes a bit of a tree. A row has two words. The first is the first derivative; the second holds a one for the
/// row itself in its upper bits, and the second derivative in the others, so that a histogram counts rows without a third addition.
/// </summary>
internal sealed class Gradients
{
    private const int MostBits = 40;

    private readonly int _hessianBits, _bits;
    private double _gradientFactor = 1, _hessianFactor = 1, _gradientUnit = 1, _hessianUnit = 1;

    public Gradients(int rows)
    {
        Words = new long[2 * (long)rows];
        var countBits = System.Numerics.BitOperations.Log2((uint)rows) + 1;
        CountShift = 63 - countBits;
        _hessianBits = Math.Min(MostBits, CountShift - countBits);
        _bits = Math.Min(MostBits, 62 - countBits);
    }

    /// <summary>Two words a row.</summary>
    public long[] Words { get; }

    /// <summary>Where the count begins in the second word.</summary>
    public int CountShift { get; }

    /// <summary>Sets the bounds of what follows.</summary>
    /// <param name="gradient">No first derivative is larger in magnitude.</param>
    /// <param name="hessian">No second derivative is larger.</param>
    public void Bound(double gradient, double hessian)
    {
        _gradientFactor = Math.ScaleB(1, _bits - 1 - Math.ILogB(Math.Max(gradient, 1e-30)) - 1);
        _hessianFactor = Math.ScaleB(1, _hessianBits - 1 - Math.ILogB(Math.Max(hessian, 1e-30)) - 1);
        (_gradientUnit, _hessianUnit) = (1 / _gradientFactor, 1 / _hessianFactor);
    }

    public void Set(int row, double gradient, double hessian)
    {
        Words[2 * (long)row] = (long)Math.Round(gradient * _gradientFactor);
        Words[(2 * (long)row) + 1] = (1L << CountShift) | (long)Math.Round(hessian * _hessianFactor);
    }

    public NodeSums Sums(long first, long second) =>
        new(first * _gradientUnit, (second & ((1L << CountShift) - 1)) * _hessianUnit, (int)(second >> CountShift));
}

/// <summary>Sums over the rows of a node.</summary>
internal readonly record struct NodeSums(double Gradient, double Hessian, int Rows);
