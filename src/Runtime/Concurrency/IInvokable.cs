namespace Auie.Runtime;

/// <summary>A call as <see cref="MayInterleaveAttribute"/>'s method and filters see it.</summary>
public interface IInvokable
{
    string GetInterfaceName();

    string GetMethodName();

    int GetArgumentCount();

    object? GetArgument(int index);
}
