BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # Writes over the file of a stored block, or makes it shorter.
    function Set-BlockFile {
        param($Block, [byte[]] $Content)
        foreach ($file in Get-ChildItem -LiteralPath (Join-Path $folder 'repository/blocks') -Recurse -Filter '*.data') {
            $data = [IO.File]::ReadAllBytes($file.FullName)
            if ($data.Length -eq $Block.Size -and (Get-BitswapCid $data -Codec $Block.Codec).Cid -eq $Block.Cid) {
                [IO.File]::WriteAllBytes($file.FullName, $Content)
                return
            }
        }

        throw "There is no file of $($Block.Cid)."
    }
}

AfterAll { Clear-Nodes }

Describe 'A block that is torn on the disk' {
    BeforeEach {
        $folder = New-TemporaryFolder
        $node = Start-BitswapNode -Path (Join-Path $folder 'repository')
        $content = [byte[]]::new(3000)
        [Random]::new(1).NextBytes($content)
        $source = Join-Path $folder 'source'
        [IO.File]::WriteAllBytes($source, $content)
        $file = Add-BitswapFile $source -ChunkSize 1000 -Node $node
        $leaf = Add-BitswapBlock $content[1000..1999] -Node $node
    }

    AfterEach {
        Clear-Nodes
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    It 'and empty is not there for <_>' -ForEach 'Test-BitswapBlock', 'Test-BitswapDag', 'Add-BitswapPin' {
        Test-BitswapDag $file -Quiet -Node $node | Should -BeTrue
        Set-BlockFile $leaf @()
        switch ($_) {
            'Test-BitswapBlock' {
                Test-BitswapBlock $leaf -Node $node | Should -BeFalse
                (Test-BitswapBlock $leaf -Detailed -Node $node).Answer | Should -Be 'Corrupt'
            }
            'Test-BitswapDag' {
                $gap = Test-BitswapDag $file -Node $node
                $gap.Cid | Should -Be $leaf.Cid
                $gap.State | Should -Be 'Corrupt'
                $gap.Reason | Should -BeLike '*does not hash to it*'
                Test-BitswapDag $file -Quiet -Node $node | Should -BeFalse
            }
            'Add-BitswapPin' {
                (Get-Failure { Add-BitswapPin $file -Local -Node $node -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'DagIncomplete,*'
                Get-BitswapPin -Node $node | Should -BeNullOrEmpty
            }
        }
    }

    It 'and shorter than its parent says is found without reading the others' {
        Set-BlockFile $leaf $content[1000..1500]
        (Test-BitswapDag $file -Node $node).Cid | Should -Be $leaf.Cid
        (Test-BitswapDag $file -Node $node).State | Should -Be 'Corrupt'
    }

    It 'and has its right length is found by -Verify, which reads all' {
        Set-BlockFile $leaf $content[0..999]
        Test-BitswapDag $file -Node $node | Should -BeNullOrEmpty
        Test-BitswapDag $file -Verify -Quiet -Node $node | Should -BeFalse
        $gap = Test-BitswapDag $file -Verify -Node $node
        $gap.Cid | Should -Be $leaf.Cid
        $gap.State | Should -Be 'Corrupt'
    }

    It 'is asked of a peer by Test-BitswapDag -Peer, and replaced by a pin' {
        Set-BlockFile $leaf @()
        $provider = Start-BitswapNode
        $null = Add-BitswapFile $source -ChunkSize 1000 -Node $provider
        $null = Connect-BitswapPeer $provider -Node $node
        Test-BitswapDag $file -Peer $provider -Verify -Quiet -Node $node | Should -BeTrue
        Test-BitswapDag $file -Quiet -Node $node | Should -BeFalse -Because 'leaves are only asked for'
        (Add-BitswapPin $file -Node $node).Cid | Should -Be $file.Cid
        Test-BitswapDag $file -Verify -Quiet -Node $node | Should -BeTrue
    }

    It 'is told by event, log and counter when it is to be served, and offered no more' {
        Set-BlockFile $leaf $content[0..999]
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $client
        $name = "corrupt-$([guid]::NewGuid())"
        $seen = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        Register-ObjectEvent -InputObject $node -EventName BlockCorrupt -SourceIdentifier $name -MessageData $seen -Action {
            $Event.MessageData.Enqueue($Event.SourceEventArgs)
        } | Out-Null
        $trace = Start-BitswapTrace -Detailed -Node $node
        try {
            (Get-Failure { Get-BitswapBlock $leaf -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'BlockUnavailable,*'
            Wait-Until { $seen.Count -eq 1 }
            $told = @($seen)[0]
            $told.Cid | Should -Be $leaf.Cid
            $told.Reason | Should -BeLike '*corrupt*does not hash to it*'
            (Get-BitswapStat $node).CorruptBlocks | Should -Be 1
            (Test-BitswapBlock $leaf -Peer $node -Detailed -Node $client).Answer | Should -Be 'DontHave'
            ($trace | Stop-BitswapTrace | Where-Object Kind -EQ 'Corrupt').Cid | Should -Be $leaf.Cid

            $null = Add-BitswapBlock $content[1000..1999] -Node $node
            (Test-BitswapBlock $leaf -Peer $node -Detailed -Node $client).Answer | Should -Be 'Have'
            (Get-BitswapBlock $leaf -Node $client).Size | Should -Be 1000
        }
        finally {
            Unregister-Event -SourceIdentifier $name -ErrorAction Ignore
        }
    }
}
