namespace Auie.Core.Statistics;

/// <summary>In which the truth lies in 95 of 100 cases. Every interval of the engine's insights is one of these.</summary>
public readonly record struct Interval(double Low, double High)
{
    public static readonly Interval Unknown = new(double.NaN, double.NaN);

    public bool Covers(double value) => value >= Low && value <= High;
}
