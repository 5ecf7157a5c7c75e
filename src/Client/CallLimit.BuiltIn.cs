using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Auie.Client;

public static partial class CallLimit
{
    /// <summary>As this process has it of methods that do not say.</summary>
    public static TimeSpan OfHost(IServiceProvider services) => (services.GetService<IOptions<RuntimeOptions>>()?.Value ?? new RuntimeOptions()).ResponseTimeout;
}
