# What the console suggests after a command that failed: it asks the provider that the module registers once a prompt is idle.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $cid = New-UnknownCid
    # what the file of the module has a prompt do that is idle
    [Bitswap.ModuleLoader]::OfferFeedback()

    # Runs a line as one who types it does, in a runspace that has the module, and gives what the console would suggest then.
    function Get-Feedback([string] $Line) {
        $shell = New-ModuleRunspace
        try {
            $typed = [Management.Automation.PSInvocationSettings]::new()
            $typed.AddToHistory = $true
            try { $null = $shell.AddScript($Line).Invoke($null, $typed) } catch { $_.Exception.InnerException.ErrorRecord | Should -Not -BeNullOrEmpty }
            # a second, which a loaded machine may need more of
            $all = [Management.Automation.Subsystem.Feedback.FeedbackHub]::GetFeedback($shell.Runspace, 60000)
            ($all | Where-Object Name -EQ 'Bitswap').Item
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }
}
AfterAll { Clear-Nodes }

Describe 'A pasted text that is no command' {
    It 'is told to be a CID, with what to do with it: <_>' -ForEach '{0}', 'ipfs://{0}', 'ipfs:{0}', '/ipfs/{0}', 'https://host.example/ipfs/{0}', 'https://{0}.ipfs.host.example/' {
        $item = Get-Feedback ($_ -f $cid)
        $item.Header | Should -BeLike 'This is a CID.*'
        $item.RecommendedActions | Should -Contain "Get-BitswapFile $cid"
        $item.RecommendedActions | Should -Contain "Save-BitswapFile $cid"
        $item.RecommendedActions[0] | Should -BeLike 'Start-BitswapNode*' -Because 'no node runs'
        $item.Footer | Should -BeLike 'No node runs yet.*'
    }

    It 'is told to be a path' {
        $item = Get-Feedback "/ipfs/$cid/a/b.txt"
        $item.Header | Should -BeLike 'This is a path*'
        $item.RecommendedActions | Should -Contain "Get-BitswapFile /ipfs/$cid/a/b.txt"
    }

    It 'has the commands of its codec' {
        $json = (Get-BitswapCid '{"a":1}' -Codec dag-json).Cid
        (Get-Feedback $json).RecommendedActions | Should -Contain "Show-BitswapDag $json -Fetch"
    }

    It 'is told to be an IPNS name' -ForEach '/ipns/docs.example', 'ipns://docs.example/a' {
        (Get-Feedback $_).Header | Should -BeLike 'This is an IPNS name*'
        (Get-Feedback $_).RecommendedActions | Should -Contain "Resolve-BitswapName $_"
    }

    It 'is told to be the address of a peer' {
        $address = '/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
        (Get-Feedback $address).RecommendedActions | Should -Contain "Connect-BitswapPeer $address"
    }

    It 'is left to others where it is another thing: <_>' -ForEach 'zebra', 'bafnonsense', 'Get-Bitswap', '/ip4/127.0.0.1/tcp/1', 'https://host.example/a.html' {
        Get-Feedback $_ | Should -BeNullOrEmpty
    }
}

Describe 'An error' {
    AfterEach { Clear-Nodes }

    It 'that no node runs is followed by one that starts' {
        (Get-Feedback "Get-BitswapBlock $cid").RecommendedActions | Should -Be 'Start-BitswapNode', "Get-BitswapBlock $cid"
    }

    It 'that several nodes run is followed by the line with each' {
        $null = Start-BitswapNode -Name one
        $null = Start-BitswapNode -Name 'the other'
        (Get-Feedback "Get-BitswapBlock $cid").RecommendedActions | Should -Be "Get-BitswapBlock $cid -Node one", "Get-BitswapBlock $cid -Node 'the other'"
        (Get-Feedback $cid).RecommendedActions | Should -Contain "Get-BitswapFile $cid -Node one"
        # which of its commands is meant cannot be known
        Get-Feedback "Get-BitswapBlock $cid | Save-BitswapFile" | Should -BeNullOrEmpty
    }

    It 'of a fetch is followed by what finds the block, with the node that was named: <Id>' -ForEach @(
        @{ Id = 'BlockUnavailable'; Line = 'Get-BitswapBlock {0} -Node one'; Next = 'Find-BitswapProvider {0} * -Node one' }
        @{ Id = 'BlockUnavailable'; Line = 'Get-BitswapContent {0} -Node one'; Next = 'Start-BitswapWant {0} -Node one*' }
        @{ Id = 'Timeout'; Line = 'Get-BitswapContent {0} -Wait -TimeoutSeconds 0.2 -Node one'; Next = 'Start-BitswapWant {0} -Node one*' }
        @{ Id = 'BlockNotFound'; Line = 'Get-BitswapBlock {0} -Local -Node one'; Next = 'Get-BitswapBlock {0} -Node one' }
        @{ Id = 'DagIncomplete'; Line = 'Add-BitswapPin {0} -Local -Node one'; Next = 'Test-BitswapDag {0} -Node one' }
    ) {
        $null = Start-BitswapNode -Name one
        $null = Start-BitswapNode -Name two
        (Get-Feedback ($Line -f $cid)).RecommendedActions -like ($Next -f $cid) | Should -Not -BeNullOrEmpty -Because $Id
    }

    It 'of another module is left to that' {
        Get-Feedback 'Get-Item ./nowhere' | Should -BeNullOrEmpty
    }

    It 'is followed by commands that there are, with parameters that they have' {
        $null = Start-BitswapNode -Name one
        $lines = foreach ($line in $cid, "Get-BitswapBlock $cid", "Get-BitswapBlock $cid -Local", "Add-BitswapPin $cid -Local") { (Get-Feedback $line).RecommendedActions }
        $lines.Count | Should -BeGreaterThan 6
        foreach ($command in $lines.ForEach{ [Management.Automation.Language.Parser]::ParseInput($_, [ref] $null, [ref] $null).FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true) }) {
            $known = (Get-Command $command.GetCommandName()).Parameters.Keys
            foreach ($parameter in $command.CommandElements.Where{ $_ -is [Management.Automation.Language.CommandParameterAst] }) { $parameter.ParameterName | Should -BeIn $known }
        }
    }
}

Describe 'The provider' {
    It 'is registered once a prompt is idle, and is gone with the module' {
        $script = @"
Import-Module '$ManifestPath'
(Get-PSSubsystem -Kind FeedbackProvider).Implementations.Name -contains 'Bitswap'
`$null = New-Event -SourceIdentifier PowerShell.OnIdle
(Get-PSSubsystem -Kind FeedbackProvider).Implementations.Name -contains 'Bitswap'
Import-Module '$ManifestPath' -Force
`$null = New-Event -SourceIdentifier PowerShell.OnIdle
@((Get-PSSubsystem -Kind FeedbackProvider).Implementations.Name -eq 'Bitswap').Count
Remove-Module Bitswap
`$null = New-Event -SourceIdentifier PowerShell.OnIdle
(Get-PSSubsystem -Kind FeedbackProvider).Implementations.Name -contains 'Bitswap'
`$Error.Count
"@
        & $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -Command $script | Should -Be 'False', 'True', '1', 'False', '0'
    }
}
