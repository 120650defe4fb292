namespace Router.Tests.EndToEnd;

[Collection(StackCollection.Name)]
public sealed class StackStartsTests(Stack stack)
{
    [Fact]
    public void The_stack_starts() => Assert.Null(stack.Failure);
}
