namespace Auie.Client;

public static partial class CallLimit
{
    /// <summary>As Orleans has it of methods that do not say; nothing here changes that.</summary>
    public static TimeSpan OfHost(IServiceProvider services) => TimeSpan.FromSeconds(30);
}
